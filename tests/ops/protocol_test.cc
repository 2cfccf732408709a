#include <gtest/gtest.h>
#include <understudy/ops/protocol.h>

namespace understudy::ops {
namespace {

using Words = std::vector<std::string>;

TEST(Protocol, RequestComesBackAsItWas) {
    const Words words{"zone", R"(a\.b\\"c.example)", "", "ü"};
    const std::string line = encode_request(words);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(decode_request(line).value(), words);
}

TEST(Protocol, OctetsThatAreNoUtf8StillMakeARequest) {
    EXPECT_EQ(decode_request(encode_request(Words{"\xFF"})).value(), Words{"\xEF\xBF\xBD"});
}

TEST(Protocol, LongestNameFitsInARequest) {
    std::string name;
    for (int i = 0; i < 255; ++i) {
        name += "\\255";
    }
    EXPECT_LT(encode_request(Words{"zone", name, "retransfer"}).size(), kMaxRequestOctets);
}

TEST(Protocol, RequestsOfAnotherFormAreRefused) {
    for (const char* line : {"",
                             "\n",
                             "status",
                             "{",
                             "[]",
                             "7",
                             "\"command\"",
                             "{}",
                             R"({"command": "status"})",
                             R"({"command": []})",
                             R"({"command": {}})",
                             R"({"command": [1]})",
                             R"({"command": ["a", null]})",
                             R"({"command": ["a"]} {})",
                             "{\"command\": [\"\xFF\"]}"}) {
        EXPECT_FALSE(decode_request(line)) << line;
    }
}

TEST(Protocol, DeepNestingIsRefusedLikeAnythingElse) {
    EXPECT_FALSE(decode_request(std::string(kMaxRequestOctets, '[')));
    EXPECT_FALSE(
        decode_request("{\"command\": " + std::string(2000, '[') + std::string(2000, ']') + "}"));
}

TEST(Protocol, UnknownKeysArePassedOver) {
    EXPECT_EQ(decode_request(R"({"since": 3, "command": ["status"]})").value(), Words{"status"});
    const auto response = decode_response(R"({"exit": 0, "result": 1, "later": true})");
    EXPECT_EQ(std::get<Outcome>(response.value()).result, 1);
}

TEST(Protocol, TextComesBackAsItWas) {
    const std::string text = "a\tb\n\"c\" \\010\n";
    const std::string line = encode(TextPart{text});
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(std::get<TextPart>(decode_response(line).value()).text, text);
}

TEST(Protocol, OutcomesComeBackAsTheyWere) {
    Outcome done;
    done.result = {{"b", 1}, {"a", nullptr}};
    EXPECT_EQ(encode(done), "{\"exit\":0,\"result\":{\"b\":1,\"a\":null}}\n");
    const auto read = std::get<Outcome>(decode_response(encode(done)).value());
    EXPECT_TRUE(read.done);
    EXPECT_EQ(read.result, done.result);

    Outcome failed;
    failed.done = false;
    failed.error = "no \xFF such";
    EXPECT_EQ(encode(failed), "{\"exit\":1,\"error\":\"no \xEF\xBF\xBD such\"}\n");
    const auto refused = std::get<Outcome>(decode_response(encode(failed)).value());
    EXPECT_FALSE(refused.done);
    EXPECT_EQ(refused.error, "no \xEF\xBF\xBD such");
    EXPECT_TRUE(refused.result.is_null());
}

TEST(Protocol, ResponsesOfAnotherFormAreRefused) {
    for (const char* line :
         {"", "HTTP/1.1 400", "[]", "{}", R"({"exit": "0"})", R"({"text": 1})"}) {
        EXPECT_FALSE(decode_response(line)) << line;
    }
}

}  // namespace
}  // namespace understudy::ops
