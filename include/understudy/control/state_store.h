#pragma once

#include <understudy/base/expected.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace understudy::control {

struct Difference;

/// What is kept of a zone beside its data.
struct ZoneRecord {
    std::uint32_t serial = 0;
    std::int64_t due_s = 0;      // wall time of the next question to a primary
    std::int64_t expires_s = 0;  // wall time
    std::string source;          // the remote whose history the data is part of

    bool operator==(const ZoneRecord&) const = default;
};

/// The state folder: zones' images, and one SQLite database with the zones' timers, differences and
/// small images, and with the key of all hashes.
///
///     understudy.db           meta · zones · images (under 64 KiB whole, else a file's name) ·
///                             differences
///     images/ID-STEP.image    a large image; what the database does not name is deleted at a start
///
/// A zone's data is its image and the differences behind it. What is saved is gathered in memory,
/// each zone's newest version and what leads to it, and written by a thread of its own: large
/// images first, then one transaction for all that has come. So a crash loses what came last, and a
/// start finds a version that the primary had. What cannot be written is said once, tried again
/// every kRetry, and goes on being served from memory.
///
/// Any thread, unless a call says otherwise.
class StateStore {
  public:
    static constexpr std::chrono::seconds kRetry{10};
    /// An image below it is a row of the database.
    static constexpr std::size_t kSmallImageOctets = 65536;
    /// An image is written anew when the differences behind it exceed a tenth of it, and this.
    static constexpr std::size_t kLeastJournalOctets = 16384;
    static constexpr std::size_t kJournalShare = 10;

    /// Opens the folder, which exists. Fails, with what to do, where it cannot be written, is not a
    /// state folder of this version, or another process uses it. `new_key`: for a new one.
    [[nodiscard]] static base::Expected<std::unique_ptr<StateStore>> open(
        const std::string& folder, const zone::HashKey& new_key = zone::HashKey::random());

    StateStore(const StateStore&) = delete;
    StateStore& operator=(const StateStore&) = delete;
    /// Writes what was saved and is not written yet, but begins no large image.
    ~StateStore();

    /// The one key of this folder.
    [[nodiscard]] const zone::HashKey& hash_key() const noexcept;

    /// All that stands in the folder, for whoever hands it to another user.
    [[nodiscard]] std::vector<std::string> files() const;

    struct Saved {
        ZoneRecord record;
        std::unique_ptr<const zone::Zone> zone;  // null: `refusal` says why, or it has none
        std::string refusal;
        // The newest ones, in their order: those behind the image and those kept for IXFR.
        std::vector<std::shared_ptr<const Difference>> differences;
    };

    /// What there is of a zone, or nothing. Takes long for a large one.
    [[nodiscard]] std::optional<Saved> load(const wire::Name& apex);

    /// Keeps a zone's record, its data being what it was.
    void save(const wire::Name& apex, ZoneRecord record);

    /// Keeps a new version too. `difference`: from the version saved before; null: there is none,
    /// and an image is written. At most `most_history_octets` of older differences are kept.
    void save(const wire::Name& apex,
              ZoneRecord record,
              std::shared_ptr<const zone::Zone> zone,
              std::shared_ptr<const Difference> difference,
              std::size_t most_history_octets);

    /// Waits until all that was saved is written; false where it cannot be now.
    [[nodiscard]] bool flush();

    struct Sizes {
        std::uint64_t image_octets = 0;
        std::uint64_t journal_octets = 0;  // of all differences that are kept
    };
    [[nodiscard]] Sizes sizes(const wire::Name& apex) const;

  private:
    class Writer;
    explicit StateStore(std::unique_ptr<Writer> writer) noexcept;

    std::unique_ptr<Writer> writer_;
};

}  // namespace understudy::control
