#include <understudy/ops/protocol.h>

#include <utility>

namespace understudy::ops {
namespace {

std::string to_line(const Json& document) {
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// A discarded value where `line` is no JSON.
Json parse(std::string_view line) { return Json::parse(line, nullptr, /*allow_exceptions=*/false); }

}  // namespace

std::string encode_request(std::span<const std::string> words) {
    Json command = Json::array();
    for (const std::string& word : words) {
        command.push_back(word);
    }
    return to_line({{"command", std::move(command)}});
}

base::Expected<std::vector<std::string>> decode_request(std::string_view line) {
    const Json document = parse(line);
    if (!document.is_object() || !document.contains("command") || !document["command"].is_array() ||
        document["command"].empty()) {
        return base::fail(R"(a request is a line {"command": ["WORD", …]})");
    }
    std::vector<std::string> words;
    for (const Json& word : document["command"]) {
        if (!word.is_string()) {
            return base::fail("a command's words are strings");
        }
        words.push_back(word.get<std::string>());
    }
    return words;
}

std::string encode(const TextPart& part) { return to_line({{"text", part.text}}); }

std::string encode(const Outcome& outcome) {
    Json document{{"exit", outcome.done ? 0 : 1}};
    if (!outcome.done) {
        document["error"] = outcome.error;
    }
    if (!outcome.result.is_null()) {
        document["result"] = outcome.result;
    }
    return to_line(document);
}

base::Expected<std::variant<TextPart, Outcome>> decode_response(std::string_view line) {
    Json document = parse(line);
    if (!document.is_object()) {
        return base::fail("a response is no JSON object");
    }
    if (document.contains("text") && document["text"].is_string()) {
        return TextPart{std::move(document["text"].get_ref<std::string&>())};
    }
    if (!document.contains("exit") || !document["exit"].is_number_integer()) {
        return base::fail("a response has neither `text` nor `exit`");
    }
    Outcome outcome;
    outcome.done = document["exit"] == 0;
    if (document.contains("error") && document["error"].is_string()) {
        outcome.error = std::move(document["error"].get_ref<std::string&>());
    }
    if (document.contains("result")) {
        outcome.result = std::move(document["result"]);
    }
    return outcome;
}

}  // namespace understudy::ops
