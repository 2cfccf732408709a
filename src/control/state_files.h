#pragma once

#include <understudy/base/expected.h>
#include <understudy/control/state_store.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/database.h"
#include "control/difference.h"

namespace understudy::control {

/// What of a zone waits to be written.
struct UnsavedZone {
    ZoneRecord record;
    std::shared_ptr<const zone::Zone> zone;  // null: the data is what it was
    bool replaces = false;                   // nothing leads to it from what is written
    std::vector<std::shared_ptr<const Difference>> differences;
    std::size_t most_history_octets = 0;
};

/// The database and the image files of a state folder (see StateStore). One thread at a time.
class StateFiles {
  public:
    [[nodiscard]] static base::Expected<std::unique_ptr<StateFiles>> open(
        const std::string& folder, const zone::HashKey& new_key);

    [[nodiscard]] const zone::HashKey& hash_key() const noexcept { return key_; }
    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

    /// Octets of a zone as they were read, not yet looked into.
    struct Raw {
        ZoneRecord record;
        std::vector<std::uint8_t> image;
        std::string image_file;  // where not empty, instead
        bool has_image = false;
        std::vector<std::shared_ptr<const Difference>> history;  // up to the image
        std::vector<std::shared_ptr<const Difference>> journal;  // behind it
    };
    [[nodiscard]] base::Expected<std::optional<Raw>> read(const wire::Name& apex);

    using Batch = std::map<wire::Name, UnsavedZone>;

    /// Writes all of it in one transaction, or nothing. No large image is begun once `hurry` is
    /// set, and one that is under way ends: what cannot do without it stays as it was.
    [[nodiscard]] base::Expected<void> write(const Batch& batch, const std::atomic<bool>& hurry);

    [[nodiscard]] StateStore::Sizes sizes(const wire::Name& apex) const;

  private:
    /// What is on disk of a zone. Steps number its versions.
    struct Entry {
        std::int64_t id = 0;
        std::int64_t step = 0;
        std::int64_t image_step = 0;
        std::uint64_t image_octets = 0;  // 0: no image
        std::string image_file;
        std::deque<std::pair<std::int64_t, std::uint64_t>> differences;  // steps, octets

        [[nodiscard]] std::uint64_t octets_behind(std::int64_t step) const noexcept;
    };

    /// An image that is to take the place of the one before.
    struct ImageDraft {
        std::vector<std::uint8_t> octets;  // a small one
        std::string file;                  // a large one's name, written
        std::uint64_t size_octets = 0;
    };

    struct Statements {
        Statement put_zone;
        Statement put_image;
        Statement put_difference;
        Statement drop_differences;  // up to a step
        Statement get_zone;
        Statement get_differences;
    };

    StateFiles(std::string folder, Database database, Statements statements) noexcept;
    [[nodiscard]] static base::Expected<Statements> prepare(Database& database);
    [[nodiscard]] base::Expected<void> read_key(const zone::HashKey& new_key);
    [[nodiscard]] base::Expected<void> read_entries();
    void delete_strays() const;

    [[nodiscard]] Entry entry_of(const wire::Name& apex) const;
    [[nodiscard]] static bool wants_image(const Entry& entry, const UnsavedZone& zone);
    [[nodiscard]] base::Expected<ImageDraft> draft_image(const Entry& entry,
                                                         std::int64_t step,
                                                         const zone::Zone& zone,
                                                         const std::atomic<bool>& hurry) const;
    [[nodiscard]] base::Expected<void> put(const wire::Name& apex,
                                           const UnsavedZone& zone,
                                           Entry& entry);
    [[nodiscard]] base::Expected<void> put_differences(const UnsavedZone& zone, Entry& entry);
    [[nodiscard]] base::Expected<void> put_image(const ImageDraft& draft, Entry& entry);
    [[nodiscard]] base::Expected<void> trim_history(std::size_t most_octets, Entry& entry);
    [[nodiscard]] std::string image_path(const std::string& file) const;

    std::string folder_;
    Database database_;
    Statements statements_;
    zone::HashKey key_;
    std::int64_t next_id_ = 1;
    std::map<wire::Name, Entry> entries_;
};

}  // namespace understudy::control
