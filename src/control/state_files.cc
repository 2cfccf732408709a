#include "control/state_files.h"

#include <understudy/base/octets.h>
#include <understudy/zone/image.h>
#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>

#include "control/image_file.h"

namespace understudy::control {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr const char* kDatabaseFile = "understudy.db";
constexpr const char* kImageFolder = "images";

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB);"
    "CREATE TABLE IF NOT EXISTS zones (id INTEGER PRIMARY KEY, name BLOB UNIQUE, serial INTEGER,"
    " due INTEGER, expires INTEGER, source TEXT);"
    "CREATE TABLE IF NOT EXISTS images (zone INTEGER PRIMARY KEY, step INTEGER, octets INTEGER,"
    " file TEXT, image BLOB);"
    "CREATE TABLE IF NOT EXISTS differences (zone INTEGER, step INTEGER, from_serial INTEGER,"
    " to_serial INTEGER, change BLOB, PRIMARY KEY (zone, step)) WITHOUT ROWID;";

/// Names are told apart without case.
std::vector<std::uint8_t> key_of(const wire::Name& apex) {
    wire::NameBuffer lowered;
    lowered.assign_lowered(apex);
    const base::Octets octets = lowered.view().octets();
    return {octets.begin(), octets.end()};
}

tl::unexpected<base::Error> fault(const base::Error& error) { return base::fail(error.message); }

/// Why a large image was not written at the end of the process.
constexpr const char* kHurried = "ended before it was whole";

}  // namespace

std::uint64_t StateFiles::Entry::octets_behind(std::int64_t from) const noexcept {
    std::uint64_t octets = 0;
    for (const auto& [its_step, its_octets] : differences) {
        octets += its_step > from ? its_octets : 0;
    }
    return octets;
}

StateFiles::StateFiles(std::string folder, Database database, Statements statements) noexcept
    : folder_(std::move(folder)),
      database_(std::move(database)),
      statements_(std::move(statements)) {}

std::string StateFiles::image_path(const std::string& file) const {
    return folder_ + "/" + kImageFolder + "/" + file;
}

// ---- Opening

base::Expected<StateFiles::Statements> StateFiles::prepare(Database& database) {
    constexpr std::array kTexts{
        "INSERT INTO zones (id, name, serial, due, expires, source) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, due = excluded.due,"
        " expires = excluded.expires, source = excluded.source",
        "INSERT OR REPLACE INTO images (zone, step, octets, file, image) VALUES (?, ?, ?, ?, ?)",
        "INSERT INTO differences (zone, step, from_serial, to_serial, change)"
        " VALUES (?, ?, ?, ?, ?)",
        "DELETE FROM differences WHERE zone = ? AND step <= ?",
        "SELECT z.id, z.serial, z.due, z.expires, z.source, i.step, i.file, i.image"
        " FROM zones z LEFT JOIN images i ON i.zone = z.id WHERE z.name = ?",
        "SELECT step, from_serial, to_serial, change FROM differences WHERE zone = ?"
        " ORDER BY step"};
    std::vector<Statement> prepared;
    for (const char* text : kTexts) {
        auto statement = database.prepare(text);
        if (!statement) {
            return fault(statement.error());
        }
        prepared.push_back(*std::move(statement));
    }
    return Statements{std::move(prepared[0]),
                      std::move(prepared[1]),
                      std::move(prepared[2]),
                      std::move(prepared[3]),
                      std::move(prepared[4]),
                      std::move(prepared[5])};
}

base::Expected<std::unique_ptr<StateFiles>> StateFiles::open(const std::string& folder,
                                                             const zone::HashKey& new_key) {
    const auto with_path = [&folder](const base::Error& error) {
        return base::fail(folder + "/" + kDatabaseFile + ": " + error.message);
    };
    std::error_code error;
    std::filesystem::create_directory(folder + "/" + kImageFolder, error);
    if (error) {
        return base::fail(folder + ": " + error.message());
    }
    auto database = Database::open(folder + "/" + kDatabaseFile);
    if (!database) {
        return with_path(database.error());
    }
    if (auto made = database->execute(kTables); !made) {
        return with_path(made.error());
    }
    auto statements = prepare(*database);
    if (!statements) {
        return with_path(statements.error());
    }
    std::unique_ptr<StateFiles> files(
        new StateFiles(folder, *std::move(database), *std::move(statements)));
    if (auto good = files->read_key(new_key).and_then([&] { return files->read_entries(); });
        !good) {
        return with_path(good.error());
    }
    files->delete_strays();
    return files;
}

base::Expected<void> StateFiles::read_key(const zone::HashKey& new_key) {
    auto get = database_.prepare("SELECT value FROM meta WHERE key = 'format-and-hash-key'");
    if (!get) {
        return fault(get.error());
    }
    constexpr std::size_t kOctets = 20;
    const auto row = get->step();
    if (!row) {
        return fault(row.error());
    }
    if (*row) {
        const base::Octets value = get->octets(0);
        if (value.size() != kOctets || base::load_be32(value.data()) != kFormat) {
            return base::fail("made by another version: move it away, and zones are transferred");
        }
        const auto word = [value](std::size_t at) {
            return std::uint64_t{base::load_be32(&value[at])} << 32U |
                   base::load_be32(&value[at + 4]);
        };
        key_ = {word(4), word(12)};
        return get->run();
    }
    key_ = new_key;
    std::array<std::uint8_t, kOctets> value{};
    const auto store = [&value](std::size_t at, std::uint64_t word) {
        base::store_be32(&value[at], static_cast<std::uint32_t>(word >> 32U));
        base::store_be32(&value[at + 4], static_cast<std::uint32_t>(word));
    };
    base::store_be32(value.data(), kFormat);
    store(4, key_.first);
    store(12, key_.second);
    auto put = database_.prepare("INSERT INTO meta VALUES ('format-and-hash-key', ?)");
    if (!put) {
        return fault(put.error());
    }
    return put->bind(base::Octets(value)).run();
}

base::Expected<void> StateFiles::read_entries() {
    std::map<std::int64_t, Entry> by_id;
    std::map<std::int64_t, wire::Name> names;
    auto zones = database_.prepare(
        "SELECT z.id, z.name, i.step, i.octets, i.file FROM zones z"
        " LEFT JOIN images i ON i.zone = z.id");
    auto differences =
        database_.prepare("SELECT zone, step, length(change) FROM differences ORDER BY zone, step");
    if (!zones || !differences) {
        return fault(zones ? differences.error() : zones.error());
    }
    base::Expected<bool> row = zones->step();
    for (; row && *row; row = zones->step()) {
        wire::Reader in(zones->octets(1));
        const auto name = in.plain_name();
        if (!name) {
            return base::fail("a zone without a name: move it away, and zones are transferred");
        }
        names.emplace(zones->integer(0), *name);
        by_id[zones->integer(0)] =
            Entry{.id = zones->integer(0),
                  .step = zones->integer(2),
                  .image_step = zones->integer(2),
                  .image_octets = static_cast<std::uint64_t>(zones->integer(3)),
                  .image_file = zones->text(4),
                  .differences = {}};
        next_id_ = std::max(next_id_, zones->integer(0) + 1);
    }
    if (row) {
        for (row = differences->step(); row && *row; row = differences->step()) {
            Entry& entry = by_id[differences->integer(0)];
            entry.step = std::max(entry.step, differences->integer(1));
            entry.differences.emplace_back(differences->integer(1),
                                           static_cast<std::uint64_t>(differences->integer(2)));
        }
    }
    for (auto& [id, name] : names) {
        entries_.emplace(std::move(name), std::move(by_id[id]));
    }
    return row.map([](bool) {});
}

void StateFiles::delete_strays() const {
    std::set<std::string> known;
    for (const auto& [apex, entry] : entries_) {
        known.insert(entry.image_file);
    }
    std::error_code error;
    std::vector<std::filesystem::path> strays;
    for (const auto& file : std::filesystem::directory_iterator(image_path(""), error)) {
        if (!known.contains(file.path().filename())) {
            strays.push_back(file.path());
        }
    }
    for (const auto& stray : strays) {
        std::filesystem::remove(stray, error);
    }
}

// ---- Reading

base::Expected<std::optional<StateFiles::Raw>> StateFiles::read(const wire::Name& apex) {
    const auto key = key_of(apex);
    Statement& get = statements_.get_zone.reset().bind(base::Octets(key));
    auto row = get.step();
    if (!row) {
        return fault(row.error());
    }
    if (!*row) {
        return std::nullopt;
    }
    Raw raw;
    raw.record = {.serial = static_cast<std::uint32_t>(get.integer(1)),
                  .due_s = get.integer(2),
                  .expires_s = get.integer(3),
                  .source = get.text(4)};
    const std::int64_t id = get.integer(0);
    const std::int64_t image_step = get.integer(5);
    raw.has_image = image_step > 0;
    if (const std::string file = get.text(6); !file.empty()) {
        raw.image_file = image_path(file);
    }
    const base::Octets image = get.octets(7);
    raw.image.assign(image.begin(), image.end());
    get.reset();
    Statement& differences = statements_.get_differences.reset().bind(id);
    for (row = differences.step(); row && *row; row = differences.step()) {
        const base::Octets change = differences.octets(3);
        auto& list = differences.integer(0) > image_step ? raw.journal : raw.history;
        list.push_back(std::make_shared<const Difference>(
            Difference{static_cast<std::uint32_t>(differences.integer(1)),
                       static_cast<std::uint32_t>(differences.integer(2)),
                       {change.begin(), change.end()}}));
    }
    differences.reset();
    if (!row) {
        return fault(row.error());
    }
    return raw;
}

// ---- Writing

StateFiles::Entry StateFiles::entry_of(const wire::Name& apex) const {
    const auto found = entries_.find(apex);
    return found == entries_.end() ? Entry() : found->second;
}

StateStore::Sizes StateFiles::sizes(const wire::Name& apex) const {
    const Entry entry = entry_of(apex);
    return {entry.image_octets, entry.octets_behind(0)};
}

bool StateFiles::wants_image(const Entry& entry, const UnsavedZone& zone) {
    if (!zone.zone) {
        return false;
    }
    std::uint64_t journal = entry.octets_behind(entry.image_step);
    for (const auto& difference : zone.differences) {
        journal += difference->octets.size();
    }
    return zone.replaces || entry.image_octets == 0 ||
           journal > std::max<std::uint64_t>(StateStore::kLeastJournalOctets,
                                             entry.image_octets / StateStore::kJournalShare);
}

base::Expected<StateFiles::ImageDraft> StateFiles::draft_image(
    const Entry& entry,
    std::int64_t step,
    const zone::Zone& zone,
    const std::atomic<bool>& hurry) const {
    ImageDraft draft;
    // In memory a zone takes some more than its image does.
    if (zone.memory_octets() < 2 * StateStore::kSmallImageOctets) {
        auto written = zone::write_image(zone, [&draft](base::Octets part) {
            draft.octets.insert(draft.octets.end(), part.begin(), part.end());
            return base::Expected<void>();
        });
        draft.size_octets = draft.octets.size();
        if (!written || draft.size_octets < StateStore::kSmallImageOctets) {
            return written.map([&draft] { return std::move(draft); });
        }
        draft.octets.clear();
    }
    draft.file = std::to_string(entry.id) + "-" + std::to_string(step) + ".image";
    return write_whole_file(image_path(draft.file),
                            [&](const zone::ImageSink& sink) {
                                return zone::write_image(
                                    zone, [&](base::Octets part) -> base::Expected<void> {
                                        return hurry ? base::fail(kHurried) : sink(part);
                                    });
                            })
        .map([&draft](std::uint64_t octets) {
            draft.size_octets = octets;
            return std::move(draft);
        });
}

base::Expected<void> StateFiles::put_differences(const UnsavedZone& zone, Entry& entry) {
    for (const auto& difference : zone.differences) {
        ++entry.step;
        if (auto good = statements_.put_difference.reset()
                            .bind(entry.id)
                            .bind(entry.step)
                            .bind(std::int64_t{difference->from})
                            .bind(std::int64_t{difference->to})
                            .bind(base::Octets(difference->octets))
                            .run();
            !good) {
            return good;
        }
        entry.differences.emplace_back(entry.step, difference->octets.size());
    }
    return {};
}

base::Expected<void> StateFiles::put_image(const ImageDraft& draft, Entry& entry) {
    entry.image_step = entry.step;
    entry.image_octets = draft.size_octets;
    entry.image_file = draft.file;
    return statements_.put_image.reset()
        .bind(entry.id)
        .bind(entry.step)
        .bind(static_cast<std::int64_t>(draft.size_octets))
        .bind(std::string_view(draft.file))
        .bind(base::Octets(draft.octets))
        .run();
}

base::Expected<void> StateFiles::trim_history(std::size_t most_octets, Entry& entry) {
    std::uint64_t octets = entry.octets_behind(0);
    std::int64_t up_to = 0;
    while (!entry.differences.empty() && octets > most_octets &&
           entry.differences.front().first <= entry.image_step) {
        up_to = entry.differences.front().first;
        octets -= entry.differences.front().second;
        entry.differences.pop_front();
    }
    return up_to == 0 ? base::Expected<void>()
                      : statements_.drop_differences.reset().bind(entry.id).bind(up_to).run();
}

base::Expected<void> StateFiles::put(const wire::Name& apex,
                                     const UnsavedZone& zone,
                                     Entry& entry) {
    const auto key = key_of(apex);
    return statements_.put_zone.reset()
        .bind(entry.id)
        .bind(base::Octets(key))
        .bind(std::int64_t{zone.record.serial})
        .bind(zone.record.due_s)
        .bind(zone.record.expires_s)
        .bind(std::string_view(zone.record.source))
        .run();
}

base::Expected<void> StateFiles::write(const Batch& batch, const std::atomic<bool>& hurry) {
    struct Work {
        const wire::Name* apex;
        const UnsavedZone* zone;
        Entry entry;
        std::optional<ImageDraft> image;
    };
    std::vector<Work> works;
    std::int64_t next_id = next_id_;
    for (const auto& [apex, zone] : batch) {
        Work work{&apex, &zone, entry_of(apex), std::nullopt};
        if (work.entry.id == 0) {
            work.entry.id = next_id++;
        }
        if (zone.replaces) {
            ++work.entry.step;
        }
        if (wants_image(work.entry, zone)) {
            const auto step = work.entry.step + static_cast<std::int64_t>(zone.differences.size());
            auto image = draft_image(work.entry, step, *zone.zone, hurry);
            if (image) {
                work.image = *std::move(image);
            } else if (!hurry) {
                return fault(image.error());
            } else if (zone.replaces || work.entry.image_octets == 0) {
                continue;
            }
        }
        works.push_back(std::move(work));
    }
    // A file that goes must not be needed after a power cut.
    const bool durable = std::ranges::any_of(
        works, [](const Work& work) { return work.image && !work.image->file.empty(); });
    auto done = database_.set_durable(durable).and_then(
        [this] { return database_.execute("BEGIN IMMEDIATE"); });
    for (Work& work : works) {
        const std::int64_t before = work.entry.step;
        done =
            done.and_then([&] { return put(*work.apex, *work.zone, work.entry); })
                .and_then([&]() -> base::Expected<void> {
                    if (!work.zone->replaces) {
                        return {};
                    }
                    work.entry.differences.clear();
                    return statements_.drop_differences.reset()
                        .bind(work.entry.id)
                        .bind(before)
                        .run();
                })
                .and_then([&] { return put_differences(*work.zone, work.entry); })
                .and_then([&] {
                    return work.image ? put_image(*work.image, work.entry) : base::Expected<void>();
                })
                .and_then([&] {
                    return work.zone->zone
                               ? trim_history(work.zone->most_history_octets, work.entry)
                               : base::Expected<void>();
                });
    }
    done = done.and_then([this] { return database_.execute("COMMIT"); });
    if (!done) {
        static_cast<void>(database_.execute("ROLLBACK"));  // where there is none, nothing to do
        return done;
    }
    next_id_ = next_id;
    for (Work& work : works) {
        const std::string old_file = entry_of(*work.apex).image_file;
        if (work.image && !old_file.empty() && old_file != work.entry.image_file) {
            std::error_code ignored;  // a stray is deleted at the next start
            std::filesystem::remove(image_path(old_file), ignored);
        }
        entries_.insert_or_assign(*work.apex, std::move(work.entry));
    }
    return {};
}

}  // namespace understudy::control
