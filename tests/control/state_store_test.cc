#include <understudy/control/state_store.h>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "control/difference.h"
#include "support/temporary_folder.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using ZonePtr = std::shared_ptr<const zone::Zone>;

constexpr std::size_t kHistory = 65536;

/// A version whose every record tells its serial, so that a mix of two cannot pass for one.
std::string text_of(std::uint32_t serial, int names) {
    const std::string number = std::to_string(serial);
    std::string text = "@ 300 SOA ns admin " + number + " 3600 3600 86400 60\n@ NS ns\n";
    for (int i = 0; i < names; ++i) {
        text += "n" + std::to_string(i) + " TXT " + (i % 100 == 0 ? number : "same") + " " +
                std::string(100, 'x') + "\n";
    }
    return text;
}

ZonePtr version(std::uint32_t serial, int names = 3) {
    return support::make_zone("example.", text_of(serial, names));
}

/// As a secondary comes to its next version: sharing what is the same.
ZonePtr next_version(const ZonePtr& from, std::uint32_t serial, int names = 3) {
    const auto change = zone::diff(*from, *version(serial, names));
    return zone::apply(*from, change).value();
}

ZoneRecord record_of(const ZonePtr& zone) {
    return {.serial = zone->serial(), .due_s = 1000, .expires_s = 2000, .source = "primary"};
}

class StateStoreTest : public testing::Test {
  protected:
    StateStoreTest() { open(); }

    void open() { store_ = StateStore::open(folder_.path(), support::kHashKey).value(); }
    void reopen() {
        store_.reset();
        open();
    }

    void save(const ZonePtr& zone, const ZonePtr& before = nullptr) {
        store_->save(apex_,
                     record_of(zone),
                     zone,
                     before ? make_difference(*before, *zone, 1000000) : nullptr,
                     kHistory);
    }

    /// The folder's version of the zone, or nothing.
    [[nodiscard]] std::vector<std::string> loaded() const {
        const auto saved = store_->load(apex_);
        EXPECT_TRUE(saved && saved->zone) << (saved ? saved->refusal : "nothing");
        return saved && saved->zone ? support::dump(*saved->zone) : std::vector<std::string>();
    }

    [[nodiscard]] std::vector<std::filesystem::path> images() const {
        std::vector<std::filesystem::path> files;
        for (const auto& file : std::filesystem::directory_iterator(folder_.path() / "images")) {
            files.push_back(file.path());
        }
        return files;
    }

    support::TemporaryFolder folder_;
    wire::Name apex_ = support::name("example.");
    std::unique_ptr<StateStore> store_;
};

TEST_F(StateStoreTest, HasOneKeyForAllTimes) {
    support::TemporaryFolder other;
    const zone::HashKey key = StateStore::open(other.path()).value()->hash_key();
    EXPECT_FALSE(key == support::kHashKey);
    EXPECT_EQ(StateStore::open(other.path()).value()->hash_key(), key);
    EXPECT_EQ(store_->hash_key(), support::kHashKey);
}

TEST_F(StateStoreTest, GivesBackWhatWasSaved) {
    EXPECT_FALSE(store_->load(apex_));
    const ZonePtr zone = version(1);
    save(zone);
    reopen();
    EXPECT_EQ(loaded(), support::dump(*zone));
    EXPECT_EQ(store_->load(support::name("EXAMPLE."))->record, record_of(zone));
    EXPECT_GT(store_->sizes(apex_).image_octets, 0U);
    EXPECT_TRUE(images().empty());  // a small one stands in the database
    ZoneRecord later = record_of(zone);
    later.due_s = 5000;
    store_->save(apex_, later);
    reopen();
    EXPECT_EQ(store_->load(apex_)->record, later);
    EXPECT_EQ(loaded(), support::dump(*zone));
}

TEST_F(StateStoreTest, AddsDifferencesToTheImage) {
    ZonePtr zone = version(1);
    save(zone);
    for (std::uint32_t serial = 2; serial < 10; ++serial) {
        const ZonePtr before = std::exchange(zone, next_version(zone, serial));
        save(zone, before);
        if (serial % 2 == 0) {
            ASSERT_TRUE(store_->flush());
        }
    }
    reopen();
    EXPECT_EQ(loaded(), support::dump(*zone));
    const auto differences = store_->load(apex_)->differences;
    ASSERT_EQ(differences.size(), 8U);
    EXPECT_EQ(differences.front()->from, 1U);
    EXPECT_EQ(differences.back()->to, 9U);
    EXPECT_GT(store_->sizes(apex_).journal_octets, 0U);
}

TEST_F(StateStoreTest, WritesALargeImageAnewWhenDifferencesExceedATenth) {
    constexpr int kNames = 2000;
    ZonePtr zone = version(1, kNames);
    save(zone);
    ASSERT_TRUE(store_->flush());
    const auto first = images();
    ASSERT_EQ(first.size(), 1U);
    const auto image_octets = store_->sizes(apex_).image_octets;
    EXPECT_GT(image_octets, StateStore::kSmallImageOctets);
    std::uint32_t serial = 2;
    for (; images() == first && serial < 100; ++serial) {
        const ZonePtr before = std::exchange(zone, next_version(zone, serial, kNames));
        save(zone, before);
        ASSERT_TRUE(store_->flush());
        EXPECT_LT(store_->sizes(apex_).journal_octets, image_octets / 5 + kHistory);
    }
    EXPECT_GT(serial, 3U);
    EXPECT_LT(serial, 100U);
    ASSERT_EQ(images().size(), 1U);  // the old one is gone
    reopen();
    EXPECT_EQ(loaded(), support::dump(*zone));
    EXPECT_FALSE(store_->load(apex_)->differences.empty());  // for IXFR
}

TEST_F(StateStoreTest, KeepsNoMoreHistoryThanItIsTold) {
    ZonePtr zone = version(1, 200);
    save(zone);
    for (std::uint32_t serial = 2; serial < 400; ++serial) {
        const ZonePtr before = std::exchange(zone, next_version(zone, serial, 200));
        save(zone, before);
        if (serial % 20 == 0) {
            ASSERT_TRUE(store_->flush());
        }
    }
    ASSERT_TRUE(store_->flush());
    EXPECT_LE(store_->sizes(apex_).journal_octets, kHistory + 2 * StateStore::kLeastJournalOctets);
    reopen();
    EXPECT_EQ(loaded(), support::dump(*zone));
}

TEST_F(StateStoreTest, ForgetsTheHistoryOfWhatIsReplaced) {
    ZonePtr zone = version(5);
    save(zone);
    const ZonePtr second = next_version(zone, 6);
    save(second, zone);
    const ZonePtr older = version(2);
    save(older);
    reopen();
    EXPECT_EQ(loaded(), support::dump(*older));
    EXPECT_TRUE(store_->load(apex_)->differences.empty());
}

TEST_F(StateStoreTest, RefusesADamagedImage) {
    save(version(1, 2000));
    ASSERT_TRUE(store_->flush());  // at the end, no large image would be begun
    store_.reset();
    const auto files = images();
    ASSERT_EQ(files.size(), 1U);
    {
        std::fstream file(files[0], std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(5000);
        file.put('!');
    }
    open();
    auto saved = store_->load(apex_);
    ASSERT_TRUE(saved);
    EXPECT_FALSE(saved->zone);
    EXPECT_EQ(saved->refusal.find("its image: "), 0U) << saved->refusal;
    std::filesystem::remove(files[0]);
    saved = store_->load(apex_);
    EXPECT_FALSE(saved->zone);
    EXPECT_NE(saved->refusal.find("No such file"), std::string::npos) << saved->refusal;
    const ZonePtr zone = version(2);  // transferred again
    save(zone);
    reopen();
    EXPECT_EQ(loaded(), support::dump(*zone));
}

TEST_F(StateStoreTest, DeletesWhatACrashLeft) {
    save(version(1, 2000));
    ASSERT_TRUE(store_->flush());
    std::ofstream(folder_.path() / "images" / "9-9.image.new") << "half";
    std::ofstream(folder_.path() / "images" / "9-8.image") << "whole, but not named yet";
    reopen();
    EXPECT_EQ(images().size(), 1U);
    EXPECT_EQ(loaded(), support::dump(*version(1, 2000)));
}

TEST_F(StateStoreTest, IsRefusedWhereAnotherHasIt) {
    const auto second = StateStore::open(folder_.path());
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("locked"), std::string::npos) << second.error().message;
}

TEST_F(StateStoreTest, IsRefusedWhereThereIsNoFolderOrSomethingElse) {
    EXPECT_FALSE(StateStore::open(folder_.path() / "missing"));
    support::TemporaryFolder other;
    std::ofstream(other.path() / "understudy.db") << std::string(5000, 'x');
    const auto store = StateStore::open(other.path());
    ASSERT_FALSE(store);
    EXPECT_NE(store.error().message.find("not a database"), std::string::npos)
        << store.error().message;
}

/// A disk that is full: nothing may grow beyond some octets.
TEST_F(StateStoreTest, GoesOnOnceThereIsRoomAgain) {
    const ZonePtr first = version(1, 2000);
    save(first);
    ASSERT_TRUE(store_->flush());
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit little = before;
    little.rlim_cur = 4096;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
    const ZonePtr second = next_version(first, 2, 2000);
    save(second, first);
    EXPECT_FALSE(store_->flush());
    const ZonePtr third = next_version(second, 3, 2000);
    save(third, second);
    EXPECT_FALSE(store_->flush());
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    static_cast<void>(std::signal(SIGXFSZ, old_handler));
    EXPECT_TRUE(store_->flush());
    reopen();
    EXPECT_EQ(loaded(), support::dump(*third));
    EXPECT_EQ(store_->load(apex_)->differences.size(), 2U);
}

/// Killed at any instant, it comes back with a version that there was.
TEST_F(StateStoreTest, SurvivesBeingKilled) {
    store_.reset();
    constexpr int kRounds = 8;
    std::uint32_t least = 0;
    for (int round = 0; round < kRounds; ++round) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            open();
            const int names = round % 2 == 0 ? 3 : 1500;
            auto saved = store_->load(apex_);
            ZonePtr zone = saved ? ZonePtr(std::move(saved->zone)) : nullptr;
            for (std::uint32_t serial = zone ? zone->serial() + 1 : 1;; ++serial) {
                const ZonePtr before =
                    std::exchange(zone, zone ? next_version(zone, serial, names) : version(serial));
                save(zone, before);
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(200 + 90 * round));
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        open();
        const auto saved = store_->load(apex_);
        if (saved) {
            ASSERT_TRUE(saved->zone) << saved->refusal;
            const std::uint32_t serial = saved->zone->serial();
            const int names = saved->zone->record_count() < 100 ? 3 : 1500;
            EXPECT_EQ(support::dump(*saved->zone), support::dump(*version(serial, names)));
            EXPECT_GE(serial, least);
            least = serial;
        }
        store_.reset();
    }
    EXPECT_GT(least, 0U);
}

}  // namespace
}  // namespace understudy::control
