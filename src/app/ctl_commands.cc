#include "app/ctl_commands.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "app/control_client.h"
#include "app/ctl_capture.h"
#include "app/ctl_text.h"
#include "app/exit_codes.h"
#include "app/pending_file.h"
#include "app/quantity.h"

namespace understudy::app {
namespace {

using ops::Json;
using Answer = tl::expected<ops::Outcome, ClientFailure>;
using SteadyClock = std::chrono::steady_clock;

/// How often `wait` looks.
constexpr std::chrono::milliseconds kLookInterval{200};

constexpr int kIndent = 2;

base::Expected<void> put(std::string_view text, std::FILE* file) {
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0) {
        return base::fail("cannot write the answer: standard output is full or closed");
    }
    return {};
}

std::string json_text(const Json& document) {
    return document.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The document of a failure: the error, and what is known beside it.
Json error_document(const ops::Outcome& outcome) {
    Json document{{"error", outcome.error}};
    if (outcome.result.is_object()) {
        document.update(outcome.result);
    }
    return document;
}

/// A failure for people: the error, then the faults and names that came with it, one a line.
std::string error_text(const ops::Outcome& outcome) {
    std::string text = "understudyctl: " + outcome.error + "\n";
    for (const auto& [key, list] : outcome.result.items()) {
        for (const Json& line : list) {
            text += line.is_string() ? line.get<std::string>() + "\n" : "";
        }
    }
    return text;
}

ops::Outcome failure(std::string error, Json beside = {}) {
    ops::Outcome outcome;
    outcome.done = false;
    outcome.error = std::move(error);
    outcome.result = std::move(beside);
    return outcome;
}

base::Expected<void> refuse_text(std::string_view) {
    return base::fail("the daemon sent a text that nobody asked for");
}

/// Looks until no zone is missing or the patience is over.
Answer wait_for_zones(const CtlOptions& options) {
    const auto deadline = SteadyClock::now() + options.patience;
    while (true) {
        Answer answer = ask_daemon(options.socket, options.words, refuse_text);
        if (!answer || !answer->done) {
            return answer;
        }
        if (!answer->result.contains("missing") || answer->result["missing"].empty()) {
            return answer;
        }
        const auto left = deadline - SteadyClock::now();
        if (left <= SteadyClock::duration::zero()) {
            return failure("without data after " + duration_text(options.patience.count()) + ":",
                           answer->result);
        }
        std::this_thread::sleep_for(std::min<SteadyClock::duration>(left, kLookInterval));
    }
}

/// Writes a zone to its file, which is created only once there is something to write.
Answer dump_to_file(const CtlOptions& options) {
    std::optional<PendingFile> file;
    const auto write = [&](std::string_view text) -> base::Expected<void> {
        if (!file) {
            auto created = PendingFile::create(options.dump_file);
            if (!created) {
                return tl::unexpected(created.error());
            }
            file.emplace(std::move(*created));
        }
        return file->write(text);
    };
    Answer answer = ask_daemon(options.socket, options.words, write);
    if (!answer || !answer->done) {
        return answer;
    }
    if (!file || !answer->result.is_object()) {
        return failure("the daemon sent no zone");
    }
    if (auto written = file->commit(); !written) {
        return failure(written.error().message);
    }
    answer->result["file"] = options.dump_file;
    return answer;
}

/// To standard output: the text as it comes, or as a member of the one document.
Answer dump_to(std::FILE* output, const CtlOptions& options) {
    std::string text;
    const auto take = [&](std::string_view part) -> base::Expected<void> {
        if (!options.json) {
            return put(part, output);
        }
        text += part;
        return {};
    };
    Answer answer = ask_daemon(options.socket, options.words, take);
    if (answer && answer->done && options.json && answer->result.is_object()) {
        answer->result["text"] = std::move(text);
    }
    return answer;
}

bool is_dump(const CtlOptions& options) {
    return options.words.size() == 3 && options.words[0] == "zone" && options.words[2] == "dump";
}

Answer ask(const CtlOptions& options, std::FILE* output, std::FILE* notices) {
    if (is_dump(options)) {
        return options.dump_file.empty() ? dump_to(output, options) : dump_to_file(options);
    }
    if (options.words[0] == "capture") {
        return capture_packets(options, output, notices);
    }
    if (options.words[0] == "wait") {
        return wait_for_zones(options);
    }
    return ask_daemon(options.socket, options.words, refuse_text);
}

/// The lines of a command that is done, for people.
std::string answer_text(const CtlOptions& options, const Json& document) {
    const bool went_to_output =
        is_dump(options) || (options.words[0] == "capture" && options.capture.file.empty());
    return went_to_output ? "" : document_text(options.words, document);
}

int report(const ops::Outcome& outcome,
           const CtlOptions& options,
           std::FILE* output,
           std::FILE* complaints) {
    base::Expected<void> written;
    if (options.json) {
        written = put(json_text(outcome.done ? outcome.result : error_document(outcome)), output);
    } else if (outcome.done) {
        written = put(answer_text(options, outcome.result), output);
    } else {
        written = put(error_text(outcome), complaints);
    }
    if (!written) {
        (void)put(error_text(failure(written.error().message)), complaints);
        return kFailed;
    }
    return outcome.done ? kDone : kFailed;
}

}  // namespace

int run_ctl(const CtlOptions& options, std::FILE* output, std::FILE* complaints) {
    const Answer answer = ask(options, output, complaints);
    if (answer) {
        return report(*answer, options, output, complaints);
    }
    const ops::Outcome failed = failure(answer.error().message);
    if (answer.error().kind == ClientFailure::Kind::kHere) {
        return report(failed, options, output, complaints);
    }
    // Whoever reads the document learns the reason there too.
    (void)put(error_text(failed), complaints);
    if (options.json) {
        (void)put(json_text(error_document(failed)), output);
    }
    return kUnreachable;
}

}  // namespace understudy::app
