#include "control/database.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <utility>

namespace understudy::control {
namespace {

tl::unexpected<base::Error> fault_of(sqlite3* database) {
    return base::fail(sqlite3_errmsg(database));
}

/// Octets that stay where they are until the statement is done with them.
constexpr sqlite3_destructor_type kStays = nullptr;

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Statement& Statement::reset() noexcept {
    sqlite3_reset(statement_.get());
    bound_ = 0;
    return *this;
}

Statement& Statement::bind(std::int64_t value) noexcept {
    sqlite3_bind_int64(statement_.get(), ++bound_, value);
    return *this;
}

Statement& Statement::bind(base::Octets value) noexcept {
    sqlite3_bind_blob64(statement_.get(), ++bound_, value.data(), value.size(), kStays);
    return *this;
}

Statement& Statement::bind(std::string_view text) noexcept {
    sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(), kStays, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind_null() noexcept {
    sqlite3_bind_null(statement_.get(), ++bound_);
    return *this;
}

base::Expected<bool> Statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW || result == SQLITE_DONE) {
        return result == SQLITE_ROW;
    }
    return fault_of(sqlite3_db_handle(statement_.get()));
}

base::Expected<void> Statement::run() {
    base::Expected<bool> row = true;
    while (row && *row) {
        row = step();
    }
    sqlite3_reset(statement_.get());  // a read that is not ended would hold up the next commit
    return row.map([](bool) {});
}

std::int64_t Statement::integer(int column) const noexcept {
    return sqlite3_column_int64(statement_.get(), column);
}

base::Octets Statement::octets(int column) const noexcept {
    const void* const data = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

std::string Statement::text(int column) const {
    const base::Octets text = octets(column);
    return {text.begin(), text.end()};
}

void Database::Close::operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }

base::Expected<Database> Database::open(const std::string& path) {
    sqlite3* opened = nullptr;
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    const int result = sqlite3_open_v2(path.c_str(), &opened, kFlags, nullptr);
    Database database(opened);
    if (result != SQLITE_OK) {
        return fault_of(opened);
    }
    // The lock is taken with the first write and kept, so that there is no shared memory beside the
    // log and a second process is refused at its start.
    return database
        .execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; BEGIN IMMEDIATE; COMMIT;")
        .map([&database, &path] {
            ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
            return std::move(database);
        });
}

base::Expected<void> Database::execute(const std::string& statements) {
    if (sqlite3_exec(database_.get(), statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return fault_of(database_.get());
    }
    return {};
}

base::Expected<Statement> Database::prepare(std::string_view statement) {
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v3(database_.get(),
                           statement.data(),
                           static_cast<int>(statement.size()),
                           SQLITE_PREPARE_PERSISTENT,
                           &prepared,
                           nullptr) != SQLITE_OK) {
        return fault_of(database_.get());
    }
    return Statement(prepared);
}

base::Expected<void> Database::set_durable(bool durable) {
    return execute(durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

}  // namespace understudy::control
