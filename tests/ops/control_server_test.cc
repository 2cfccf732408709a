#include <gtest/gtest.h>
#include <understudy/ops/control_server.h>
#include <understudy/ops/protocol.h>
#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <filesystem>
#include <future>
#include <thread>
#include <vector>

#include "support/fake_operations.h"
#include "support/temporary_folder.h"
#include "support/unix_stream.h"
#include "support/zones.h"

namespace understudy::ops {
namespace {

constexpr const char* kStatus = "{\"command\":[\"status\"]}\n";

/// A server in a loop on a thread of its own, and clients on the test's.
class ControlServerTest : public testing::Test {
  protected:
    ControlServerTest() {
        operations_.statuses.push_back({});
        operations_.statuses[0].name = "a.example.";
        auto server = ControlServer::open(loop_, path_, operations_, CounterSources{}, clock_);
        EXPECT_TRUE(server);
        server_ = std::move(*server);
    }

    ~ControlServerTest() override {
        if (thread_.joinable()) {
            on_loop([this] { server_.reset(); });
            more_to_come_.reset();
            thread_.join();  // which shows that nothing of the server keeps the loop
        }
    }

    void run() {
        thread_ = std::thread([this] { loop_.run(); });
    }

    /// Does something on the control thread and waits until it is done.
    template <typename Action>
    void on_loop(Action action) {
        std::promise<void> done;
        asio::post(loop_, [&] {
            action();
            done.set_value();
        });
        done.get_future().wait();
    }

    support::UnixStream connect() { return support::UnixStream::connect(path_); }

    std::string ask(std::string_view request) {
        const auto client = connect();
        client.send(request);
        return client.read_all();
    }

    static bool is_served(const std::string& response) {
        return response.starts_with(R"({"exit":0,"result":{"state":"serving")") &&
               response.ends_with("}\n");
    }

    support::TemporaryFolder folder_;
    std::string path_ = (folder_.path() / "control.sock").string();
    support::FakeOperations operations_;
    base::SystemClock clock_;
    asio::io_context loop_;
    asio::executor_work_guard<asio::io_context::executor_type> more_to_come_{loop_.get_executor()};
    std::unique_ptr<ControlServer> server_;
    std::thread thread_;
};

TEST_F(ControlServerTest, AnswersAndCloses) {
    run();
    EXPECT_TRUE(is_served(ask(kStatus)));
    EXPECT_EQ(ask("{\"command\":[\"drain\"]}\n"),
              "{\"exit\":1,\"error\":\"`drain` is not supported by this version\"}\n");
}

TEST_F(ControlServerTest, WhoConnectsBeforeTheLoopRunsIsServedLater) {
    const auto early = connect();
    ASSERT_TRUE(early.send(kStatus));
    run();
    EXPECT_TRUE(is_served(early.read_all()));
}

TEST_F(ControlServerTest, ARequestMayComeInPieces) {
    run();
    const auto client = connect();
    for (const char octet : std::string_view(kStatus)) {
        ASSERT_TRUE(client.send({&octet, 1}));
    }
    EXPECT_TRUE(is_served(client.read_all()));
}

TEST_F(ControlServerTest, ClientMayEndItsSideAfterTheRequest) {
    run();
    const auto client = connect();
    ASSERT_TRUE(client.send(kStatus));
    client.end_of_sending();
    EXPECT_TRUE(is_served(client.read_all()));
}

TEST_F(ControlServerTest, WhatFollowsTheFirstLineIsPassedOver) {
    run();
    const std::string response = ask(std::string(kStatus) + "garbage\n" + kStatus);
    EXPECT_TRUE(is_served(response));
    EXPECT_EQ(std::ranges::count(response, '\n'), 1);
}

TEST_F(ControlServerTest, GarbageIsRefused) {
    run();
    for (const std::string& garbage : {std::string("\n"),
                                       std::string("GET / HTTP/1.1\r\n"),
                                       std::string("\0\xFF\xFE\n", 4),
                                       std::string("{\"command\": []}\n"),
                                       std::string(4000, '[') + "\n"}) {
        EXPECT_TRUE(ask(garbage).starts_with("{\"exit\":1,\"error\":\"")) << garbage;
    }
    EXPECT_TRUE(is_served(ask(kStatus)));
}

TEST_F(ControlServerTest, LongestRequestIsTakenALongerOneRefused) {
    run();
    const std::string head = R"({"command":[")";
    const std::string tail = "\"]}\n";
    const std::string fill(kMaxRequestOctets - head.size() - tail.size(), 'x');
    EXPECT_NE(ask(head + fill + tail).find("not supported"), std::string::npos);
    const auto client = connect();
    client.send(std::string(std::size_t{1} << 20U, 'x'));  // far more than is ever read
    EXPECT_EQ(client.read_all(), "{\"exit\":1,\"error\":\"the request is too long\"}\n");
    EXPECT_TRUE(is_served(ask(kStatus)));
}

TEST_F(ControlServerTest, ClientsThatVanishHarmNobody) {
    run();
    operations_.data["a.example."] =
        support::make_zone("a.example", "@ SOA ns admin 7 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n");
    for (const std::string_view request :
         {std::string_view(""),
          std::string_view("{\"comm"),
          std::string_view(kStatus),
          std::string_view("{\"command\":[\"zone\",\"a.example\",\"dump\"]}\n")}) {
        auto client = connect();
        ASSERT_TRUE(client.send(request));
        client.close();
    }
    EXPECT_TRUE(is_served(ask(kStatus)));
}

TEST_F(ControlServerTest, ManyClientsAtOnce) {
    run();
    std::vector<support::UnixStream> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(connect());
    }
    for (const auto& client : clients) {
        ASSERT_TRUE(client.send(kStatus));
    }
    for (const auto& client : clients) {
        EXPECT_TRUE(is_served(client.read_all()));
    }
}

TEST_F(ControlServerTest, WhoIsOneTooManyWaitsForAnotherToGo) {
    run();
    std::vector<support::UnixStream> idle;
    for (std::size_t i = 0; i < ControlServer::kMaxClients; ++i) {
        idle.push_back(connect());
        ASSERT_TRUE(idle.back().is_open());
        EXPECT_TRUE(idle.back().send("{"));
    }
    const auto late = connect();
    ASSERT_TRUE(late.send(kStatus));
    idle[7].close();
    EXPECT_TRUE(is_served(late.read_all()));
}

TEST_F(ControlServerTest, DumpComesInPartsBeforeItsOutcome) {
    std::string text = "@ SOA ns admin 7 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n";
    for (int i = 0; i < 10'000; ++i) {
        text += "host" + std::to_string(i) + " A 192.0.2.1\n";
    }
    operations_.data["a.example."] = support::make_zone("a.example", text);
    run();
    const std::string response = ask("{\"command\":[\"zone\",\"a.example\",\"dump\"]}\n");
    std::string dumped;
    int parts = 0;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = response.find('\n', begin)) + 1 < response.size();) {
        const auto line = decode_response(response.substr(begin, end - begin));
        ASSERT_TRUE(line && std::holds_alternative<TextPart>(*line));
        dumped += std::get<TextPart>(*line).text;
        begin = end + 1;
        ++parts;
    }
    EXPECT_GT(parts, 2);
    EXPECT_EQ(std::ranges::count(dumped, '\n'), 10'003);
    const auto last = decode_response(response.substr(begin));
    ASSERT_TRUE(last && std::holds_alternative<Outcome>(*last));
    EXPECT_EQ(std::get<Outcome>(*last).result["records"], 10'003);
}

TEST_F(ControlServerTest, OneWhoDoesNotReadHoldsUpNobody) {
    std::string text = "@ SOA ns admin 7 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n";
    for (int i = 0; i < 20'000; ++i) {
        text += "host" + std::to_string(i) + " A 192.0.2.1\n";
    }
    operations_.data["a.example."] = support::make_zone("a.example", text);
    run();
    const auto slow = connect();
    ASSERT_TRUE(slow.send("{\"command\":[\"zone\",\"a.example\",\"dump\"]}\n"));
    EXPECT_TRUE(is_served(ask(kStatus)));
    EXPECT_NE(slow.read_all().find("\"exit\":0"), std::string::npos);  // and gets it all the same
}

TEST_F(ControlServerTest, AReloadUnderWayHoldsUpNobody) {
    run();
    const auto waiting = connect();
    ASSERT_TRUE(waiting.send("{\"command\":[\"zone\",\"a.example\",\"reload\"]}\n"));
    while (true) {  // until it has been taken
        EXPECT_TRUE(is_served(ask(kStatus)));
        bool is_pending = false;
        on_loop([&] { is_pending = operations_.pending != nullptr; });
        if (is_pending) {
            break;
        }
    }
    on_loop([&] { std::exchange(operations_.pending, nullptr)(base::fail("a.zone:1: no")); });
    EXPECT_EQ(waiting.read_all(), "{\"exit\":1,\"error\":\"a.zone:1: no\"}\n");
}

TEST_F(ControlServerTest, StopAnswersFirst) {
    run();
    EXPECT_EQ(ask("{\"command\":[\"stop\"]}\n"),
              "{\"exit\":0,\"result\":{\"state\":\"draining\"}}\n");
    std::vector<std::string> calls;
    on_loop([&] { calls = operations_.calls; });
    EXPECT_EQ(calls, std::vector<std::string>{"stop"});
}

TEST_F(ControlServerTest, StopIsDoneForAClientThatVanishedToo) {
    auto client = connect();
    ASSERT_TRUE(client.send("{\"command\":[\"stop\"]}\n"));
    client.close();
    run();
    EXPECT_TRUE(is_served(ask(kStatus)));
    std::vector<std::string> calls;
    on_loop([&] { calls = operations_.calls; });
    EXPECT_EQ(calls, std::vector<std::string>{"stop"});
}

TEST_F(ControlServerTest, EndsWithClientsOfEveryKind) {
    run();
    const auto idle = connect();
    const auto half = connect();
    ASSERT_TRUE(half.send("{\"comm"));
    const auto waiting = connect();
    ASSERT_TRUE(waiting.send("{\"command\":[\"zone\",\"a.example\",\"reload\"]}\n"));
    EXPECT_TRUE(is_served(ask(kStatus)));
    on_loop([this] { server_.reset(); });
    EXPECT_FALSE(std::filesystem::exists(path_));
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_EQ(half.read_all(), "");
    EXPECT_EQ(waiting.read_all(), "");
    on_loop([this] {
        if (operations_.pending) {
            std::exchange(operations_.pending, nullptr)({});  // an outcome that nobody waits for
        }
    });
}

TEST_F(ControlServerTest, EndsWithoutEverRunning) {
    const auto client = connect();
    EXPECT_TRUE(client.send(kStatus));
    server_.reset();
    EXPECT_FALSE(connect().is_open());
}

}  // namespace
}  // namespace understudy::ops
