#include "support/scripted_primary.h"

#include <gtest/gtest.h>
#include <understudy/wire/query.h>
#include <understudy/wire/rdata.h>
#include <understudy/wire/reader.h>
#include <algorithm>
#include <array>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <utility>

#include "support/transfers.h"

namespace understudy::support {

namespace {

/// Of the SOA behind the question of an IXFR query.
std::uint32_t serial_in(const Bytes& request, const wire::Query& query) {
    wire::Reader in(request, query.question_end);
    wire::RecordHead record;
    Bytes rdata;
    EXPECT_TRUE(in.record(record) && wire::read_rdata(request, record, rdata));
    return wire::Soa::from_rdata(rdata).serial;
}

}  // namespace

struct ScriptedPrimary::Shared {
    ScriptedPrimary* owner;  // null once it is gone
    asio::ip::tcp::acceptor acceptor;
    asio::ip::udp::socket datagrams;
};

ScriptedPrimary::ScriptedPrimary(asio::io_context& loop, const std::string& address) {
    const asio::ip::address ip = asio::ip::make_address(address);
    constexpr int kMaxTries = 100;  // UDP may find the port taken that TCP was given
    for (int tries = 0;; ++tries) {
        asio::ip::tcp::acceptor acceptor(loop, {ip, 0});
        const std::uint16_t port = acceptor.local_endpoint().port();
        asio::ip::udp::socket datagrams(loop, asio::ip::udp::v4());
        asio::error_code error;
        datagrams.bind({ip, port}, error);
        if (!error || tries == kMaxTries) {
            shared_ =
                std::make_shared<Shared>(Shared{this, std::move(acceptor), std::move(datagrams)});
            endpoint_ = {base::IpAddress::parse(address).value(), port};
            break;
        }
    }
    asio::co_spawn(loop, serve_datagrams(shared_), asio::detached);
    asio::co_spawn(loop, accept(shared_), asio::detached);
}

// NOLINTNEXTLINE(bugprone-exception-escape): closing a socket that is open does not fail
ScriptedPrimary::~ScriptedPrimary() {
    shared_->owner = nullptr;
    shared_->acceptor.close();
    shared_->datagrams.close();
}

Bytes ScriptedPrimary::refusal(const Bytes& request, unsigned rcode) {
    Bytes response = request;
    response[2] |= 0x80;
    response[3] = static_cast<std::uint8_t>(rcode);
    return response;
}

std::vector<Record> ScriptedPrimary::incremental(std::uint32_t from) const {
    const auto whole = records_of(*zone);
    if (from == zone->serial()) {
        return {whole.front()};
    }
    const auto found =
        std::ranges::find(earlier, from, [](const auto& version) { return version->serial(); });
    return found == earlier.end() ? whole : difference_of(**found, *zone);
}

ScriptedPrimary::Reaction ScriptedPrimary::honest(const Bytes& request) const {
    wire::Query query;
    if (wire::parse_query(request, query) != wire::QueryFault::kNone || !zone) {
        return {};
    }
    if (query.header.opcode() == wire::Opcode::kNotify) {
        return {{refusal(request, 0)}};
    }
    TransferMessage message{.id = query.header.id,
                            .name = query.name.to_text(),
                            .type = query.type,
                            .answers = records_of(*zone)};
    constexpr std::size_t kRecordsInAMessage = 100;
    if (query.type == wire::type::kIxfr) {
        message.answers = incremental(serial_in(request, query));
        return {make_transfer(message.answers, kRecordsInAMessage, message)};
    }
    if (query.type == wire::type::kAxfr) {
        return {make_transfer(message.answers, kRecordsInAMessage, message)};
    }
    message.answers.resize(1);
    return {{make_transfer_message(message)}};
}

ScriptedPrimary::Reaction ScriptedPrimary::react(const Bytes& request, bool is_stream) {
    wire::Query query;
    if (wire::parse_query(request, query) == wire::QueryFault::kNone) {
        if (query.header.opcode() == wire::Opcode::kNotify) {
            ++notifies;
        } else if (query.type == wire::type::kAxfr || query.type == wire::type::kIxfr) {
            ++transfers;
            incremental_transfers += query.type == wire::type::kIxfr ? 1 : 0;
        } else {
            ++soa_queries;
        }
    }
    return script ? script(request, is_stream) : honest(request);
}

asio::awaitable<void> ScriptedPrimary::serve_datagrams(std::shared_ptr<Shared> shared) {
    Bytes buffer(65535);
    asio::ip::udp::endpoint peer;
    asio::error_code error;
    while (!error) {
        const std::size_t size = co_await shared->datagrams.async_receive_from(
            asio::buffer(buffer), peer, asio::redirect_error(asio::use_awaitable, error));
        if (error || shared->owner == nullptr) {
            break;
        }
        for (const Bytes& message : shared->owner->react(head_of(buffer, size), false).messages) {
            co_await shared->datagrams.async_send_to(
                asio::buffer(message), peer, asio::redirect_error(asio::use_awaitable, error));
        }
    }
}

asio::awaitable<void> ScriptedPrimary::accept(std::shared_ptr<Shared> shared) {
    asio::error_code error;
    while (!error) {
        asio::ip::tcp::socket socket = co_await shared->acceptor.async_accept(
            asio::redirect_error(asio::use_awaitable, error));
        if (error || shared->owner == nullptr) {
            break;
        }
        ++shared->owner->connections;
        const auto executor = socket.get_executor();
        asio::co_spawn(executor, serve_stream(shared, std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> ScriptedPrimary::serve_stream(std::shared_ptr<Shared> shared,
                                                    asio::ip::tcp::socket socket) {
    asio::error_code error;
    while (true) {
        std::array<std::uint8_t, 2> length{};
        co_await asio::async_read(
            socket, asio::buffer(length), asio::redirect_error(asio::use_awaitable, error));
        Bytes request(error ? 0 : base::load_be16(length.data()));
        co_await asio::async_read(
            socket, asio::buffer(request), asio::redirect_error(asio::use_awaitable, error));
        if (error || request.empty() || shared->owner == nullptr) {
            break;
        }
        const Reaction reaction = shared->owner->react(request, true);
        for (const Bytes& message : reaction.messages) {
            base::store_be16(length.data(), static_cast<std::uint16_t>(message.size()));
            const std::array<asio::const_buffer, 2> whole{asio::buffer(length),
                                                          asio::buffer(message)};
            co_await asio::async_write(
                socket, whole, asio::redirect_error(asio::use_awaitable, error));
        }
        if (reaction.close) {
            break;
        }
    }
}

}  // namespace understudy::support
