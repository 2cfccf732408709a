#include "app/ctl_capture.h"

#include <unistd.h>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "app/pcapng.h"
#include "app/pending_file.h"

namespace understudy::app {
namespace {

using ops::Json;
using Answer = tl::expected<ops::Outcome, ClientFailure>;
using SteadyClock = std::chrono::steady_clock;

/// How often the daemon's rings are emptied.
constexpr std::chrono::milliseconds kReadInterval{20};

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a signal reaches nothing else
volatile std::sig_atomic_t interrupted = 0;

extern "C" void note_interrupt(int) { interrupted = 1; }

/// Lets SIGINT and SIGTERM end the capture instead of the process, for as long as this lives.
class InterruptGuard {
  public:
    InterruptGuard() {
        interrupted = 0;
        struct sigaction action {};
        action.sa_handler = note_interrupt;
        (void)::sigaction(SIGINT, &action, &before_int_);
        (void)::sigaction(SIGTERM, &action, &before_term_);
    }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
    ~InterruptGuard() {
        (void)::sigaction(SIGINT, &before_int_, nullptr);
        (void)::sigaction(SIGTERM, &before_term_, nullptr);
    }

  private:
    struct sigaction before_int_ {};
    struct sigaction before_term_ {};
};

tl::unexpected<ClientFailure> fail_here(std::string message) {
    return tl::unexpected(ClientFailure{ClientFailure::Kind::kHere, std::move(message)});
}

/// Where the capture is written.
class Sink {
  public:
    [[nodiscard]] static base::Expected<Sink> open(const std::string& path, std::FILE* output) {
        if (path.empty()) {
            return Sink(std::nullopt, output);
        }
        auto file = PendingFile::create(path);
        if (!file) {
            return tl::unexpected(file.error());
        }
        return Sink(std::move(*file), nullptr);
    }

    [[nodiscard]] base::Expected<void> write(std::string_view octets) {
        if (file_) {
            return file_->write(octets);
        }
        if (std::fwrite(octets.data(), 1, octets.size(), output_) != octets.size() ||
            std::fflush(output_) != 0) {
            return base::fail("cannot write the packets: standard output is full or closed");
        }
        return {};
    }

    [[nodiscard]] base::Expected<void> commit() {
        return file_ ? file_->commit() : base::Expected<void>();
    }

  private:
    Sink(std::optional<PendingFile> file, std::FILE* output)
        : file_(std::move(file)), output_(output) {}

    std::optional<PendingFile> file_;
    std::FILE* output_;
};

std::string from_hexadecimal(std::string_view text) {
    std::string octets;
    for (; text.size() >= 2; text.remove_prefix(2)) {
        unsigned char octet = 0;
        (void)std::from_chars(text.data(), text.data() + 2, octet, /*base=*/16);
        octets += static_cast<char>(octet);
    }
    return octets;
}

std::uint64_t number_of(const Json& document, std::string_view key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::string text_of(const Json& document, std::string_view key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_string() ? found->get<std::string>()
                                                         : std::string();
}

/// An empty one where there is none.
Json list_of(const Json& document, std::string_view key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_array() ? *found : Json::array();
}

PcapngPacket packet_of(const Json& document) {
    return {.interface = static_cast<std::uint32_t>(number_of(document, "port")),
            .queue = static_cast<std::uint32_t>(number_of(document, "queue")),
            .is_sent = text_of(document, "direction") == "out",
            .time_ns = number_of(document, "time_ns"),
            .length_octets = static_cast<std::uint32_t>(number_of(document, "length")),
            .octets = from_hexadecimal(text_of(document, "octets"))};
}

/// One capture, from its start to its end.
class Session {
  public:
    Session(const CtlOptions& options, Sink sink, std::FILE* notices)
        : options_(options), sink_(std::move(sink)), notices_(notices) {}

    [[nodiscard]] Answer run() {
        Answer started = ask({"capture", "start", options_.capture.filter});
        if (!started || !started->done) {
            return started;
        }
        id_ = text_of(started->result, "id");
        for (const Json& port : list_of(started->result, "ports")) {
            ports_.push_back(port.is_string() ? port.get<std::string>() : std::string());
        }
        notify();
        Answer answer = collect();
        Answer stopped = ask({"capture", "stop", id_});
        if (stopped && stopped->done) {
            skipped_ = number_of(stopped->result, "skipped");
        }
        if (auto written = finish(); !written) {
            return fail_here(written.error().message);
        }
        if (answer && answer->done) {
            answer->result = {{"captured", captured_},
                              {"skipped", skipped_},
                              {"ports", ports_},
                              {"file", options_.capture.file}};
        }
        return answer;
    }

  private:
    [[nodiscard]] Answer ask(const std::vector<std::string>& words) const {
        return ask_daemon(options_.socket, words, [](std::string_view) -> base::Expected<void> {
            return base::fail("the daemon sent a text that nobody asked for");
        });
    }

    void notify() const {
        std::string line = "understudyctl: capturing on";
        for (const std::string& port : ports_) {
            line += " " + port;
        }
        (void)std::fputs((line + "\n").c_str(), notices_);
        (void)std::fflush(notices_);
    }

    [[nodiscard]] bool has_enough() const {
        return options_.capture.count != 0 && captured_ >= options_.capture.count;
    }

    /// Takes packets until there are enough; what it returns holds no document if all went well.
    [[nodiscard]] Answer collect() {
        if (auto written = sink_.write(pcapng_header(ports_)); !written) {
            return fail_here(written.error().message);
        }
        const auto end = options_.capture.duration.count() == 0
                             ? SteadyClock::time_point::max()
                             : SteadyClock::now() + options_.capture.duration;
        for (bool is_last = false; !is_last && !has_enough();) {
            std::this_thread::sleep_for(kReadInterval);
            is_last = interrupted != 0 || SteadyClock::now() >= end;
            Answer answer = ask({"capture", "read", id_});
            if (!answer || !answer->done) {
                return answer;
            }
            skipped_ = number_of(answer->result, "skipped");
            if (auto written = write(answer->result); !written) {
                return fail_here(written.error().message);
            }
        }
        return ops::Outcome();
    }

    /// Each worker's packets come in order; written are all of them in the order of their times.
    [[nodiscard]] base::Expected<void> write(const Json& document) {
        // By their times, those of one as they came. Not stable_sort: clang takes libstdc++'s for
        // deprecated.
        std::multimap<std::uint64_t, PcapngPacket> packets;
        for (const Json& packet : list_of(document, "packets")) {
            PcapngPacket taken = packet_of(packet);
            packets.emplace(taken.time_ns, std::move(taken));
        }
        for (const auto& [time_ns, packet] : packets) {
            if (has_enough() || packet.interface >= ports_.size()) {
                break;
            }
            if (auto written = sink_.write(pcapng_packet(packet)); !written) {
                return written;
            }
            last_ns_ = time_ns;
            ++captured_;
        }
        return {};
    }

    [[nodiscard]] base::Expected<void> finish() {
        if (!ports_.empty()) {
            const std::string remark = std::to_string(skipped_) +
                                       " packets that matched were skipped, on all ports together";
            if (auto written = sink_.write(pcapng_remark(last_ns_, remark)); !written) {
                return written;
            }
        }
        return sink_.commit();
    }

    const CtlOptions& options_;
    Sink sink_;
    std::FILE* notices_;
    std::string id_;
    std::vector<std::string> ports_;
    std::uint64_t captured_ = 0;
    std::uint64_t skipped_ = 0;
    std::uint64_t last_ns_ = 0;
};

}  // namespace

Answer capture_packets(const CtlOptions& options, std::FILE* output, std::FILE* notices) {
    const bool to_output = options.capture.file.empty();
    if (to_output && (options.json || ::isatty(::fileno(output)) != 0)) {
        return fail_here("packets are no text: name a file with --out, or pipe them on");
    }
    auto sink = Sink::open(options.capture.file, output);
    if (!sink) {
        return fail_here(sink.error().message);
    }
    const InterruptGuard guard;
    return Session(options, std::move(*sink), notices).run();
}

}  // namespace understudy::app
