#include "app/ctl_commands.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <understudy/ops/control_server.h>
#include <understudy/ops/protocol.h>
#include <algorithm>
#include <asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "support/fake_operations.h"
#include "support/temporary_folder.h"
#include "support/unix_stream.h"
#include "support/zones.h"

namespace understudy::app {
namespace {

using ops::Json;

struct Ended {
    int exit_code = 0;
    std::string output;
    std::string complaints;
};

std::string content_of(std::FILE* file) {
    EXPECT_EQ(std::fseek(file, 0, SEEK_SET), 0);
    std::string content;
    for (int octet = 0; (octet = std::fgetc(file)) != EOF;) {
        content += static_cast<char>(octet);
    }
    return content;
}

Ended run_command(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "understudyctl");
    const auto options =
        parse_ctl_options(static_cast<int>(arguments.size()), arguments.data()).value();
    std::FILE* output = std::tmpfile();
    std::FILE* complaints = std::tmpfile();
    Ended result;
    result.exit_code = run_ctl(options, output, complaints);
    result.output = content_of(output);
    result.complaints = content_of(complaints);
    EXPECT_EQ(std::fclose(output) + std::fclose(complaints), 0);
    return result;
}

/// A daemon whose zones are fakes, and its socket.
class CtlCommandsTest : public testing::Test {
  protected:
    CtlCommandsTest() {
        operations_.statuses.push_back({});
        operations_.statuses[0].name = "a.example.";
        operations_.statuses[0].state = control::ZoneState::kCurrent;
        operations_.data["a.example."] =
            support::make_zone("a.example", "@ 60 SOA ns admin 7 1 1 1 1\n@ 60 NS ns\n");
    }

    ~CtlCommandsTest() override {
        if (thread_.joinable()) {
            loop_.stop();
            thread_.join();
        }
    }

    void start() {
        auto server =
            ops::ControlServer::open(loop_, socket_, operations_, ops::CounterSources{}, clock_);
        ASSERT_TRUE(server) << server.error().message;
        server_ = std::move(*server);
        thread_ = std::thread([this] { loop_.run(); });
    }

    Ended ctl(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), {"--socket", socket_.c_str()});
        return run_command(std::move(arguments));
    }

    [[nodiscard]] std::string content(const std::string& path) const {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    support::TemporaryFolder folder_;
    std::string socket_ = (folder_.path() / "control.sock").string();
    std::string dump_ = (folder_.path() / "dumped.zone").string();
    support::FakeOperations operations_;
    base::SystemClock clock_;
    asio::io_context loop_;
    std::unique_ptr<ops::ControlServer> server_;
    std::thread thread_;
};

TEST_F(CtlCommandsTest, CapturesNothingWithoutPorts) {
    start();
    const Ended capture = ctl({"capture", "--out", dump_.c_str()});
    EXPECT_EQ(capture.exit_code, 1);
    EXPECT_NE(capture.complaints.find("no ports to capture from"), std::string::npos);
    EXPECT_EQ(ctl({"--json", "capture"}).exit_code, 1);  // packets are no document
    EXPECT_FALSE(std::filesystem::exists(dump_));
}

TEST_F(CtlCommandsTest, AnswersForPeopleAndForPrograms) {
    start();
    const Ended people = ctl({"status"});
    EXPECT_EQ(people.exit_code, 0);
    EXPECT_TRUE(people.output.starts_with("state   serving\n")) << people.output;
    EXPECT_EQ(people.complaints, "");

    const Ended programs = ctl({"--json", "status"});
    EXPECT_EQ(programs.exit_code, 0);
    EXPECT_EQ(Json::parse(programs.output)["state"], "serving");
    EXPECT_EQ(programs.complaints, "");
}

TEST_F(CtlCommandsTest, RefusedIsExitOneWithTheReason) {
    start();
    const Ended people = ctl({"drain"});
    EXPECT_EQ(people.exit_code, 1);
    EXPECT_EQ(people.output, "");
    EXPECT_EQ(people.complaints, "understudyctl: `drain` is not supported by this version\n");

    const Ended programs = ctl({"--json", "zone", "b.example"});
    EXPECT_EQ(programs.exit_code, 1);
    EXPECT_EQ(Json::parse(programs.output),
              Json::parse(R"({"error": "b.example. is not configured here"})"));
    EXPECT_EQ(programs.complaints, "");
}

TEST_F(CtlCommandsTest, FaultsAreALineEach) {
    operations_.report.faults = {"a.yaml:1:1: one", "a.yaml:2:1: two"};
    start();
    const Ended people = ctl({"reload"});
    EXPECT_EQ(people.exit_code, 1);
    EXPECT_EQ(people.complaints,
              "understudyctl: the configuration has faults, nothing was changed\n"
              "a.yaml:1:1: one\na.yaml:2:1: two\n");
    EXPECT_EQ(Json::parse(ctl({"reload", "--json"}).output)["faults"].size(), 2U);
}

TEST_F(CtlCommandsTest, NobodyThereIsExitThreeWithAdvice) {
    const Ended people = ctl({"status"});
    EXPECT_EQ(people.exit_code, 3);
    EXPECT_EQ(people.output, "");
    EXPECT_EQ(people.complaints,
              "understudyctl: cannot reach the daemon at " + socket_ +
                  " (No such file or directory): start understudyd, or name its control socket "
                  "with --socket\n");
    const Ended programs = ctl({"--json", "status"});
    EXPECT_EQ(programs.exit_code, 3);
    EXPECT_TRUE(Json::parse(programs.output).contains("error"));

    const std::string too_long(200, 'x');
    EXPECT_EQ(run_command({"--socket", too_long.c_str(), "status"}).exit_code, 3);
    EXPECT_EQ(run_command({"--socket", "", "status"}).exit_code, 3);
}

TEST_F(CtlCommandsTest, WaitEndsWhenNothingIsMissing) {
    start();
    const Ended people = ctl({"wait"});
    EXPECT_EQ(people.exit_code, 0);
    EXPECT_EQ(people.output, "");
    EXPECT_EQ(Json::parse(ctl({"wait", "--json"}).output), Json::parse(R"({"missing": []})"));
}

TEST_F(CtlCommandsTest, WaitGivesUpAndNamesTheMissing) {
    operations_.statuses[0].state = control::ZoneState::kExpired;
    start();
    const auto begin = std::chrono::steady_clock::now();
    const Ended people = ctl({"wait", "--timeout", "1"});
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
    EXPECT_EQ(people.exit_code, 1);
    EXPECT_EQ(people.complaints, "understudyctl: without data after 1s:\na.example.\n");
    const Ended programs = ctl({"wait", "--timeout", "0", "--json"});
    EXPECT_EQ(programs.exit_code, 1);
    EXPECT_EQ(Json::parse(programs.output)["missing"], Json::parse(R"(["a.example."])"));
}

TEST_F(CtlCommandsTest, DumpGoesToStandardOutput) {
    start();
    const Ended people = ctl({"zone", "a.example", "dump"});
    EXPECT_EQ(people.exit_code, 0);
    EXPECT_EQ(std::ranges::count(people.output, '\n'), 2);
    EXPECT_EQ(people.complaints, "");
    const Json document = Json::parse(ctl({"--json", "zone", "a.example", "dump"}).output);
    EXPECT_EQ(document["text"], people.output);
    EXPECT_EQ(document["serial"], 7);
    EXPECT_EQ(document["records"], 2);
}

TEST_F(CtlCommandsTest, DumpGoesToAFileThatIsWholeThen) {
    start();
    const Ended people = ctl({"zone", "a.example", "dump", dump_.c_str()});
    EXPECT_EQ(people.exit_code, 0);
    EXPECT_EQ(people.output, "");
    EXPECT_EQ(content(dump_), ctl({"zone", "a.example", "dump"}).output);
    const Json document =
        Json::parse(ctl({"--json", "zone", "a.example", "dump", dump_.c_str()}).output);
    EXPECT_EQ(document["file"], dump_);
    EXPECT_FALSE(document.contains("text"));
}

TEST_F(CtlCommandsTest, DumpThatFailsLeavesTheFileAsItWas) {
    operations_.data.clear();
    start();
    std::ofstream(dump_) << "before";
    const Ended no_data = ctl({"zone", "a.example", "dump", dump_.c_str()});
    EXPECT_EQ(no_data.exit_code, 1);
    EXPECT_EQ(no_data.complaints, "understudyctl: a.example. has no data to dump\n");
    EXPECT_EQ(content(dump_), "before");
}

TEST_F(CtlCommandsTest, DumpToWhereNothingCanBeWrittenIsExitOne) {
    start();
    const std::string nowhere = (folder_.path() / "no" / "such").string();
    const Ended people = ctl({"zone", "a.example", "dump", nowhere.c_str()});
    EXPECT_EQ(people.exit_code, 1);
    EXPECT_NE(people.complaints.find(nowhere), std::string::npos) << people.complaints;
    EXPECT_TRUE(Json::parse(ctl({"--json", "zone", "a.example", "dump", nowhere.c_str()}).output)
                    .contains("error"));
}

TEST_F(CtlCommandsTest, FullOutputIsExitOne) {
    start();
    CtlOptions options;
    options.socket = socket_;
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"status"}, {"zone", "a.example", "dump"}}) {
        options.words = words;
        std::FILE* full = std::fopen("/dev/full", "w");
        std::FILE* complaints = std::tmpfile();
        EXPECT_EQ(run_ctl(options, full, complaints), 1);
        EXPECT_NE(content_of(complaints).find("standard output"), std::string::npos);
        (void)std::fclose(full);
        (void)std::fclose(complaints);
    }
}

/// Something at the socket that answers every client the same, whatever it asks.
class CtlAgainstStrangersTest : public testing::TestWithParam<std::pair<const char*, const char*>> {
};

TEST_P(CtlAgainstStrangersTest, IsExitThree) {
    const support::TemporaryFolder folder;
    const std::string path = (folder.path() / "control.sock").string();
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = support::unix_address(path);
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener, 1), 0);
    std::thread stranger([&] {
        const int client = ::accept(listener, nullptr, nullptr);
        const std::string_view answer = GetParam().first;
        EXPECT_EQ(::send(client, answer.data(), answer.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(answer.size()));
        ::close(client);
    });
    const std::string file = (folder.path() / "dumped.zone").string();
    const Ended people = run_command({"--socket", path.c_str(), "zone", "a", "dump", file.c_str()});
    stranger.join();
    ::close(listener);
    EXPECT_EQ(people.exit_code, 3);
    EXPECT_NE(people.complaints.find(GetParam().second), std::string::npos) << people.complaints;
    EXPECT_FALSE(std::filesystem::exists(file));
}

INSTANTIATE_TEST_SUITE_P(
    Answers,
    CtlAgainstStrangersTest,
    testing::Values(std::pair("", "broke off"),
                    std::pair("{\"exit\": 0", "broke off"),
                    std::pair("{\"text\": \"a. SOA\\n\"}\n", "broke off"),
                    std::pair("{\"text\": \"a. SOA\\n\"}\n{\"exit\":0}", "broke off"),
                    std::pair("220 mail.example ESMTP\r\n", "no understudyd"),
                    std::pair("{\"state\": \"serving\"}\n", "no understudyd")));

}  // namespace
}  // namespace understudy::app
