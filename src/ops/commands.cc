#include "ops/commands.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ops/documents.h"

namespace understudy::ops {
namespace {

using Words = std::span<const std::string>;

bool is(Words words, std::initializer_list<std::string_view> expected) {
    return std::ranges::equal(words, expected);
}

/// For everything that is no command here: an older or a later version may have it.
Reply not_supported(Words words) {
    std::string command;
    for (const std::string& word : words) {
        command += (command.empty() ? "" : " ") + word;
    }
    return Reply::failed("`" + command + "` is not supported by this version");
}

Reply no_such_zone(const wire::Name& name) {
    return Reply::failed(name.to_text() + " is not configured here");
}

Reply acted_on(const wire::Name& name,
               std::string_view action,
               const base::Expected<void>& outcome) {
    if (!outcome) {
        return Reply::failed(outcome.error().message);
    }
    return Reply::done_with({{"name", name.to_text()}, {"action", action}});
}

Reply dump_of(std::shared_ptr<const zone::Zone> zone, const wire::Name& name) {
    if (zone == nullptr) {
        return Reply::failed(name.to_text() + " has no data to dump");
    }
    Reply reply = Reply::done_with(
        {{"name", name.to_text()}, {"serial", zone->serial()}, {"records", zone->record_count()}});
    reply.dump = std::make_unique<ZoneDump>(std::move(zone));
    return reply;
}

}  // namespace

Reply Reply::done_with(Json result) {
    Reply reply;
    reply.outcome.result = std::move(result);
    return reply;
}

Reply Reply::failed(std::string error, Json beside) {
    Reply reply;
    reply.outcome.done = false;
    reply.outcome.error = std::move(error);
    reply.outcome.result = std::move(beside);
    return reply;
}

Commands::Commands(Operations& operations,
                   const CounterSources& sources,
                   const Rates& rates,
                   const base::Clock& clock)
    : operations_(operations),
      sources_(sources),
      rates_(rates),
      clock_(clock),
      started_(clock.now()),
      captures_(sources, clock) {}

void Commands::execute(Words words, Done done) {
    if (words[0] == "zone" && words.size() > 1) {
        execute_on_zone(words.subspan(1), std::move(done));
    } else if (is(words, {"reload"})) {
        reload(done);
    } else {
        done(execute_at_once(words));
    }
}

Reply Commands::execute_at_once(Words words) {
    if (is(words, {"status"})) {
        const auto uptime =
            std::chrono::duration_cast<std::chrono::seconds>(clock_.now() - started_);
        return Reply::done_with(status_document(operations_.state(),
                                                uptime,
                                                operations_.zones(),
                                                rates_,
                                                zone::memory_usage(),
                                                sources_.ports));
    }
    if (is(words, {"zones"})) {
        return Reply::done_with(zones_document(operations_.zones()));
    }
    if (is(words, {"wait"})) {  // one look: waiting is the client's
        return Reply::done_with(missing_document(operations_.zones()));
    }
    if (is(words, {"workers"})) {
        return Reply::done_with(workers_document(sources_, rates_));
    }
    if (is(words, {"stats"})) {
        return Reply::done_with(stats_document(sources_));
    }
    if (is(words, {"stats", "--names"})) {
        return Reply::done_with(verdicts_document());
    }
    if (words[0] == "capture" && words.size() == 3) {
        return capture(words.subspan(1));
    }
    if (is(words, {"stop"})) {
        Reply reply = Reply::done_with({{"state", "draining"}});
        reply.afterwards = [&operations = operations_] { operations.stop(); };
        return reply;
    }
    return not_supported(words);
}

/// `start FILTER`, `read ID`, `stop ID`: what a client's `capture` is made of.
Reply Commands::capture(Words words) {
    const auto act = [&]() -> base::Expected<Json> {
        if (words[0] == "start") {
            return captures_.start(words[1]);
        }
        if (words[0] == "read") {
            return captures_.read(words[1]);
        }
        return words[0] == "stop" ? captures_.stop(words[1])
                                  : base::fail("`capture " + words[0] + "` is not supported");
    };
    auto document = act();
    return document ? Reply::done_with(*std::move(document))
                    : Reply::failed(std::move(document.error().message));
}

void Commands::execute_on_zone(Words words, Done done) {
    const auto name = wire::Name::from_text(words[0]);
    if (!name) {
        return done(Reply::failed(words[0] + " is no domain name: " + name.error().message));
    }
    const auto zone = operations_.zone(*name);
    if (!zone) {
        return done(no_such_zone(*name));
    }
    const Words action = words.subspan(1);
    if (action.empty()) {
        return done(Reply::done_with(zone_document(*zone)));
    }
    if (is(action, {"refresh"})) {
        return done(acted_on(*name, "refresh", operations_.refresh(*name, /*transfer=*/false)));
    }
    if (is(action, {"retransfer"})) {
        return done(acted_on(*name, "retransfer", operations_.refresh(*name, /*transfer=*/true)));
    }
    if (is(action, {"notify"})) {
        return done(acted_on(*name, "notify", operations_.notify(*name)));
    }
    if (is(action, {"dump"})) {
        return done(dump_of(operations_.zone_data(*name), *name));
    }
    if (is(action, {"reload"})) {
        return reload_zone(*name, std::move(done));
    }
    done(not_supported(action));
}

void Commands::reload_zone(const wire::Name& name, Done done) {
    operations_.reload_zone(name,
                            [&operations = operations_, name, done = std::move(done)](
                                const base::Expected<void>& outcome) {
                                if (!outcome) {
                                    return done(Reply::failed(outcome.error().message));
                                }
                                const auto zone = operations.zone(name);
                                done(zone ? Reply::done_with(zone_row(*zone)) : no_such_zone(name));
                            });
}

void Commands::reload(const Done& done) {
    operations_.reload([done](const control::ReloadReport& report) {
        done(report.done ? Reply::done_with(reload_document(report))
                         : Reply::failed("the configuration has faults, nothing was changed",
                                         {{"faults", report.faults}}));
    });
}

}  // namespace understudy::ops
