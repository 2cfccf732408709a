#include <understudy/control/state_store.h>

#include <understudy/control/log.h>
#include <understudy/zone/image.h>
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "control/image_file.h"
#include "control/state_files.h"

namespace understudy::control {
namespace {

base::Expected<std::unique_ptr<const zone::Zone>> read_image(const StateFiles::Raw& raw,
                                                             const wire::Name& apex,
                                                             const zone::HashKey& key) {
    if (raw.image_file.empty()) {
        return zone::read_image(apex, key, base::Octets(raw.image));
    }
    auto source = FileSource::open(raw.image_file);
    if (!source) {
        return base::fail(source.error().message);
    }
    return zone::read_image(
        apex, key, [&source](base::MutableOctets into) { return source->read(into); });
}

/// The version that image and journal lead to.
base::Expected<std::unique_ptr<const zone::Zone>> read_zone(const StateFiles::Raw& raw,
                                                            const wire::Name& apex,
                                                            const zone::HashKey& key) {
    auto zone = read_image(raw, apex, key);
    if (!zone) {
        return base::fail("its image: " + zone.error().message);
    }
    if (!raw.journal.empty()) {
        zone::Change change(**zone);
        for (const auto& difference : raw.journal) {
            if (auto good = append(difference->octets, change); !good) {
                return base::fail("a difference: " + good.error().message);
            }
        }
        auto newest = zone::apply(**zone, change);
        if (!newest) {
            return base::fail("a difference: " + newest.error().message);
        }
        zone = std::move(newest);
    }
    if ((*zone)->serial() != raw.record.serial) {
        return base::fail("it leads to serial " + std::to_string((*zone)->serial()) + ", not " +
                          std::to_string(raw.record.serial));
    }
    return zone;
}

}  // namespace

/// Gathers what is to be written and writes it on a thread of its own.
class StateStore::Writer {
  public:
    explicit Writer(std::unique_ptr<StateFiles> files)
        : key(files->hash_key()), folder(files->folder()), files_(std::move(files)) {
        thread_ = std::thread([this] { run(); });
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer() {
        {
            const std::lock_guard lock(mutex_);
            hurry_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    /// Calls `change` with what waits of a zone.
    template <typename Change>
    void put(const wire::Name& apex, Change change) {
        {
            const std::lock_guard lock(mutex_);
            change(waiting_[apex]);
        }
        changed_.notify_all();
    }

    [[nodiscard]] bool flush() {
        std::unique_lock lock(mutex_);
        failed_ = false;
        urgent_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return failed_ || (waiting_.empty() && !is_writing_); });
        return !failed_;
    }

    template <typename Use>
    auto with_files(Use use) const {
        const std::lock_guard lock(files_mutex_);
        return use(*files_);
    }

    [[nodiscard]] Sizes sizes(const wire::Name& apex) const {
        const std::lock_guard lock(mutex_);
        const auto found = sizes_.find(apex);
        return found == sizes_.end() ? Sizes() : found->second;
    }
    void set_sizes(const wire::Name& apex, Sizes sizes) {
        const std::lock_guard lock(mutex_);
        sizes_[apex] = sizes;
    }

    const zone::HashKey key;
    const std::string folder;

  private:
    void run();
    void write(StateFiles::Batch batch);
    void put_back(StateFiles::Batch batch);
    void tell(const base::Expected<void>& written);

    mutable std::mutex files_mutex_;  // held while one transaction or image is written
    std::unique_ptr<StateFiles> files_;
    mutable std::mutex mutex_;  // of what follows
    std::condition_variable changed_;
    StateFiles::Batch waiting_;
    std::map<wire::Name, Sizes> sizes_;
    bool is_writing_ = false;
    bool failed_ = false;  // the last try, since flush() was called
    bool urgent_ = false;  // do not wait for the next try
    std::atomic<bool> hurry_ = false;
    std::string complaint_;  // thread_: of the last try, or empty
    std::thread thread_;
};

void StateStore::Writer::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return hurry_ || !waiting_.empty(); });
        if (!complaint_.empty()) {
            changed_.wait_for(lock, kRetry, [this] { return hurry_ || urgent_; });
        }
        urgent_ = false;
        const bool last = hurry_;
        StateFiles::Batch batch = std::exchange(waiting_, {});
        is_writing_ = true;
        lock.unlock();
        if (!batch.empty()) {
            write(std::move(batch));
        }
        lock.lock();
        is_writing_ = false;
        changed_.notify_all();
        if (last) {
            return;
        }
    }
}

void StateStore::Writer::write(StateFiles::Batch batch) {
    base::Expected<void> written;
    std::map<wire::Name, Sizes> sizes;
    {
        const std::lock_guard lock(files_mutex_);
        written = files_->write(batch, hurry_);
        for (const auto& [apex, zone] : batch) {
            sizes[apex] = files_->sizes(apex);
        }
    }
    tell(written);
    const std::lock_guard lock(mutex_);
    failed_ = !written;
    for (const auto& [apex, of_zone] : sizes) {
        sizes_[apex] = of_zone;
    }
    if (!written) {
        put_back(std::move(batch));
    }
}

/// What came meanwhile follows on what was not written.
void StateStore::Writer::put_back(StateFiles::Batch batch) {
    for (auto& [apex, older] : batch) {
        const auto [at, is_alone] = waiting_.try_emplace(apex, older);
        if (is_alone || at->second.replaces) {
            continue;
        }
        UnsavedZone& newer = at->second;
        newer.replaces = older.replaces;
        newer.zone = newer.zone ? newer.zone : older.zone;
        newer.most_history_octets = std::max(newer.most_history_octets, older.most_history_octets);
        newer.differences.insert(
            newer.differences.begin(), older.differences.begin(), older.differences.end());
    }
}

void StateStore::Writer::tell(const base::Expected<void>& written) {
    if (!written && complaint_ != written.error().message) {
        complaint_ = written.error().message;
        log_warning("state in " + folder + " is not written: " + complaint_ +
                    "; zones are served from memory, and it is tried again every " +
                    std::to_string(kRetry.count()) + " s");
    } else if (written && !complaint_.empty()) {
        complaint_.clear();
        log_info("state in " + folder + " is written again");
    }
}

StateStore::StateStore(std::unique_ptr<Writer> writer) noexcept : writer_(std::move(writer)) {}
StateStore::~StateStore() = default;

base::Expected<std::unique_ptr<StateStore>> StateStore::open(const std::string& folder,
                                                             const zone::HashKey& new_key) {
    return StateFiles::open(folder, new_key).map([](std::unique_ptr<StateFiles> files) {
        return std::unique_ptr<StateStore>(
            new StateStore(std::make_unique<Writer>(std::move(files))));
    });
}

const zone::HashKey& StateStore::hash_key() const noexcept { return writer_->key; }

std::optional<StateStore::Saved> StateStore::load(const wire::Name& apex) {
    auto raw = writer_->with_files([&](StateFiles& files) { return files.read(apex); });
    if (!raw) {
        return Saved{
            .record = {}, .zone = nullptr, .refusal = raw.error().message, .differences = {}};
    }
    if (!*raw) {
        return std::nullopt;
    }
    writer_->set_sizes(apex,
                       writer_->with_files([&](StateFiles& files) { return files.sizes(apex); }));
    Saved saved{.record = (*raw)->record, .zone = nullptr, .refusal = {}, .differences = {}};
    if (!(*raw)->has_image) {
        return saved;
    }
    auto zone = read_zone(**raw, apex, hash_key());
    if (!zone) {
        saved.refusal = zone.error().message;
        return saved;
    }
    saved.zone = *std::move(zone);
    saved.differences = std::move((*raw)->history);
    saved.differences.insert(
        saved.differences.end(), (*raw)->journal.begin(), (*raw)->journal.end());
    return saved;
}

void StateStore::save(const wire::Name& apex, ZoneRecord record) {
    writer_->put(apex, [&record](UnsavedZone& zone) { zone.record = std::move(record); });
}

void StateStore::save(const wire::Name& apex,
                      ZoneRecord record,
                      std::shared_ptr<const zone::Zone> zone,
                      std::shared_ptr<const Difference> difference,
                      std::size_t most_history_octets) {
    writer_->put(apex, [&](UnsavedZone& unsaved) {
        // While nothing can be written, what waits must not grow with every change.
        constexpr std::size_t kMaxWaiting = 1000;
        if (!difference || unsaved.differences.size() >= kMaxWaiting) {
            unsaved.differences.clear();
            unsaved.replaces = true;
        } else {
            unsaved.differences.push_back(std::move(difference));
        }
        unsaved.record = std::move(record);
        unsaved.zone = std::move(zone);
        unsaved.most_history_octets = most_history_octets;
    });
}

bool StateStore::flush() { return writer_->flush(); }

StateStore::Sizes StateStore::sizes(const wire::Name& apex) const { return writer_->sizes(apex); }

std::vector<std::string> StateStore::files() const {
    std::vector<std::string> files;
    std::error_code error;  // what cannot be listed is not handed on
    for (const auto& file : std::filesystem::recursive_directory_iterator(writer_->folder, error)) {
        files.push_back(file.path());
    }
    return files;
}

}  // namespace understudy::control
