#include "control/primary_zone.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "control/control_world.h"
#include "support/scripted_primary.h"
#include "support/temporary_folder.h"

namespace understudy::control {
namespace {

using namespace std::chrono_literals;
using support::Bytes;
using support::ScriptedPrimary;

std::string text_of(std::uint32_t serial) {
    return "@ 300 SOA ns admin " + std::to_string(serial) + " 1 2 3 4\n@ NS ns\nns A 192.0.2.1\n";
}

class PrimaryZoneTest : public testing::Test {
  protected:
    PrimaryZoneTest() {
        secondary_.script = [this](const Bytes& request, bool) -> ScriptedPrimary::Reaction {
            const bool answer = ++notifies_seen_ > ignored_notifies_;
            return answer ? ScriptedPrimary::Reaction{{ScriptedPrimary::refusal(request, rcode_)}}
                          : ScriptedPrimary::Reaction{};
        };
    }

    ~PrimaryZoneTest() override {
        if (zone_) {
            zone_->stop();
        }
    }

    void write(std::string_view text, const std::string& file = "z") {
        std::ofstream(folder_.path() / file) << text;
    }

    void configure(const std::string& file = "z") {
        world_.configure("remotes: [{name: s, addresses: [" + secondary_.at() +
                             "]}]\nzones: [{name: example, notify: [s], file: " + file + "}]\n",
                         folder_.path() / "u.yaml");
    }

    /// As the daemon starts: the file is read before the loop runs.
    void load() {
        configure();
        zone_ = std::make_shared<PrimaryZone>(world_.environment, world_.zone_config());
        zone_->take(load_zone_file(
            zone_->config().file, zone_->config().name, world_.publisher.hash_key()));
        zone_->start();
    }

    /// The outcome of reading the file again: empty, or the fault.
    std::string reload() {
        std::optional<std::string> outcome;
        zone_->reload([&outcome](const base::Expected<void>& done) {
            outcome = done ? "" : done.error().message;
        });
        EXPECT_TRUE(world_.run_until([&] { return outcome.has_value(); }));
        return outcome.value_or("never");
    }

    [[nodiscard]] std::uint32_t serial() const {
        return zone_->data() ? zone_->data()->serial() : 0;
    }

    support::TemporaryFolder folder_;
    ControlWorld world_;
    ScriptedPrimary secondary_{world_.loop};
    std::size_t ignored_notifies_ = 0;
    std::size_t notifies_seen_ = 0;
    unsigned rcode_ = 0;
    std::shared_ptr<PrimaryZone> zone_;
};

TEST_F(PrimaryZoneTest, ServesItsFile) {
    write(text_of(5));
    load();
    EXPECT_EQ(serial(), 5U);
    ASSERT_NE(world_.served("example."), nullptr);
    EXPECT_EQ(world_.served("example.")->zone, zone_->data());
    const ZoneStatus status = zone_->status();
    EXPECT_EQ(status.state, ZoneState::kCurrent);
    EXPECT_EQ(status.role, "primary");
    EXPECT_EQ(status.records, 3U);
    EXPECT_EQ(status.file, folder_.path() / "z");
    EXPECT_EQ(status.fault, "");
}

TEST_F(PrimaryZoneTest, RotatesItsAnswersWhereItIsConfiguredTo) {
    write(text_of(5));
    load();
    EXPECT_FALSE(world_.served("example.")->rotates_answers);
    ZoneConfig config = zone_->config();
    config.answer_rotation = true;
    zone_->reconfigure(config);
    EXPECT_TRUE(world_.served("example.")->rotates_answers);
}

TEST_F(PrimaryZoneTest, FailsWithoutAFileUntilThereIsOne) {
    load();
    EXPECT_EQ(zone_->status().state, ZoneState::kFailed);
    EXPECT_NE(zone_->status().fault, "");
    ASSERT_NE(world_.served("example."), nullptr);
    EXPECT_EQ(world_.served("example.")->zone, nullptr);
    EXPECT_FALSE(world_.served("example.")->expired);
    write(text_of(1));
    EXPECT_TRUE(zone_->file_has_changed());
    EXPECT_EQ(reload(), "");
    EXPECT_EQ(zone_->status().state, ZoneState::kCurrent);
    // Its secondaries have not heard of it yet.
    EXPECT_TRUE(world_.run_until([&] { return notifies_seen_ == 1; }, 2s));
}

TEST_F(PrimaryZoneTest, KeepsTheOldVersionWhereTheNewOneHasFaults) {
    write(text_of(5));
    load();
    const auto before = zone_->data();
    write(text_of(6) + "x A nonsense\n");
    EXPECT_TRUE(zone_->file_has_changed());
    const std::string fault = reload();
    EXPECT_TRUE(fault.starts_with((folder_.path() / "z").string() + ":4:")) << fault;
    EXPECT_EQ(zone_->data(), before);
    EXPECT_EQ(world_.served("example.")->zone, before);
    EXPECT_EQ(zone_->status().state, ZoneState::kCurrent);
    EXPECT_EQ(zone_->status().fault, fault);
    EXPECT_FALSE(zone_->file_has_changed());  // it is known, faults and all
    write(text_of(7));
    EXPECT_EQ(reload(), "");
    EXPECT_EQ(serial(), 7U);
    EXPECT_EQ(zone_->status().fault, "");
}

TEST_F(PrimaryZoneTest, TakesASerialThatIsNotNewer) {
    write(text_of(5));
    load();
    write(text_of(4));
    EXPECT_EQ(reload(), "");
    EXPECT_EQ(serial(), 4U);
}

TEST_F(PrimaryZoneTest, KnowsAFileThatHasNotChanged) {
    write(text_of(5));
    load();
    EXPECT_FALSE(zone_->file_has_changed());
    std::filesystem::remove(folder_.path() / "z");
    EXPECT_TRUE(zone_->file_has_changed());
}

TEST_F(PrimaryZoneTest, KnowsThatAnotherFileIsToBeReadWhenReconfigured) {
    write(text_of(5));
    write(text_of(9), "other");
    load();
    configure("other");
    zone_->reconfigure(world_.zone_config());
    EXPECT_TRUE(zone_->file_has_changed());
    EXPECT_EQ(serial(), 5U);
    zone_->reload([](const base::Expected<void>&) {});
    EXPECT_TRUE(world_.run_until([&] { return serial() == 9; }));
    EXPECT_FALSE(zone_->file_has_changed());
}

TEST_F(PrimaryZoneTest, TakesTheReadThatBeganLast) {
    write(text_of(5));
    load();
    // The first read takes long, the second one overtakes it.
    std::string large = text_of(7);
    for (int i = 0; i < 50'000; ++i) {
        large += "host" + std::to_string(i) + " A 192.0.2.1\n";
    }
    write(large);
    write(text_of(9), "other");
    bool is_read = false;
    zone_->reload([&](const base::Expected<void>& done) { is_read = done.has_value(); });
    configure("other");
    zone_->reconfigure(world_.zone_config());
    zone_->reload([](const base::Expected<void>&) {});
    ASSERT_TRUE(world_.run_until([&] { return is_read && serial() != 5; }, 30s));
    ASSERT_TRUE(world_.run_until([&] { return serial() == 9; }));
    EXPECT_EQ(serial(), 9U);
    EXPECT_EQ(zone_->status().fault, "");
}

TEST_F(PrimaryZoneTest, AReadThatOutlivesTheZoneHasNoEffect) {
    write(text_of(5));
    load();
    write(text_of(6));
    std::string outcome;
    zone_->reload([&](const base::Expected<void>& done) { outcome = done.error().message; });
    zone_->stop();
    ASSERT_TRUE(world_.run_until([&] { return !outcome.empty(); }));
    EXPECT_EQ(outcome, "the zone was removed");
    EXPECT_EQ(serial(), 5U);
}

TEST_F(PrimaryZoneTest, TellsItsSecondariesOnceTheyAnswer) {
    write(text_of(5));
    load();
    ASSERT_TRUE(world_.run_until([&] { return notifies_seen_ == 1; }));
    world_.run_for(400ms);
    EXPECT_EQ(notifies_seen_, 1U);
    EXPECT_EQ(secondary_.notifies, 1U);
    write(text_of(6));
    EXPECT_EQ(reload(), "");
    EXPECT_TRUE(world_.run_until([&] { return notifies_seen_ == 2; }));
}

TEST_F(PrimaryZoneTest, TellsAgainWhereNobodyAnswers) {
    ignored_notifies_ = 2;
    write(text_of(5));
    load();
    ASSERT_TRUE(world_.run_until([&] { return notifies_seen_ == 3; }));
    world_.run_for(500ms);
    EXPECT_EQ(notifies_seen_, 3U);
}

TEST_F(PrimaryZoneTest, TellsAgainWhereItIsRefused) {
    rcode_ = 5;
    write(text_of(5));
    load();
    ASSERT_TRUE(world_.run_until([&] { return notifies_seen_ == 2; }));
    rcode_ = 0;
    ASSERT_TRUE(world_.run_until([&] { return notifies_seen_ == 3; }));
    world_.run_for(500ms);
    EXPECT_EQ(notifies_seen_, 3U);
}

TEST_F(PrimaryZoneTest, GivesUpAMuteSecondary) {
    world_.environment.timeouts.notify = 20ms;
    ignored_notifies_ = 1000;
    write(text_of(5));
    load();
    ASSERT_TRUE(world_.run_until([&] { return notifies_seen_ == 5; }));
    world_.run_for(800ms);
    EXPECT_EQ(notifies_seen_, 5U);
}

TEST_F(PrimaryZoneTest, ANewerRoundEndsTheOneBefore) {
    ignored_notifies_ = 1;
    write(text_of(5));
    load();
    ASSERT_TRUE(world_.run_until([&] { return notifies_seen_ == 1; }));
    zone_->tell_secondaries();
    ASSERT_TRUE(world_.run_until([&] { return notifies_seen_ == 2; }));
    world_.run_for(400ms);
    EXPECT_EQ(notifies_seen_, 2U);
}

TEST_F(PrimaryZoneTest, EndsTellingWhenItStops) {
    ignored_notifies_ = 1000;
    write(text_of(5));
    load();
    ASSERT_TRUE(world_.run_until([&] { return notifies_seen_ == 1; }));
    zone_->stop();
    world_.run_for(400ms);
    EXPECT_EQ(notifies_seen_, 1U);
    EXPECT_EQ(zone_.use_count(), 1);
}

}  // namespace
}  // namespace understudy::control
