#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace understudy::control {

class Database;

/// A prepared statement of a Database, which it must not outlive. One thread at a time.
class Statement {
  public:
    Statement(Statement&&) noexcept = default;
    Statement& operator=(Statement&&) noexcept = default;
    ~Statement() = default;

    /// Begins a run: what the one before bound and stepped to is forgotten.
    Statement& reset() noexcept;

    /// Values of the `?` in their order. Octets and text must stay until the run ends.
    Statement& bind(std::int64_t value) noexcept;
    Statement& bind(base::Octets value) noexcept;
    Statement& bind(std::string_view text) noexcept;
    Statement& bind_null() noexcept;

    /// True: a row; false: the end.
    [[nodiscard]] base::Expected<bool> step();

    /// Runs to the end.
    [[nodiscard]] base::Expected<void> run();

    // Of the row, by its columns from 0 on. Octets are good until the next step.
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] base::Octets octets(int column) const noexcept;
    [[nodiscard]] std::string text(int column) const;

  private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    int bound_ = 0;
};

/// An SQLite database that this process alone uses, with a write-ahead log. Faults are SQLite's
/// words. One thread at a time.
class Database {
  public:
    /// Opens or makes the file, for the owner alone. Fails where another process has it open.
    [[nodiscard]] static base::Expected<Database> open(const std::string& path);

    /// Runs statements without rows.
    [[nodiscard]] base::Expected<void> execute(const std::string& statements);

    [[nodiscard]] base::Expected<Statement> prepare(std::string_view statement);

    /// Whether a commit waits until the disk has it; otherwise only the order of commits is kept
    /// after a power cut. Not within a transaction.
    [[nodiscard]] base::Expected<void> set_durable(bool durable);

  private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };
    explicit Database(sqlite3* database) noexcept : database_(database) {}

    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace understudy::control
