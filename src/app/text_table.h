#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::app {

/// Rows of cells as text in aligned columns, two blanks between them, none at a line's end.
class TextTable {
  public:
    enum class Align : std::uint8_t { kLeft, kRight };

    struct Column {
        std::string_view title;  // all empty: the table has no line of titles
        Align align = Align::kLeft;
    };

    explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// REQUIRES: as many cells as columns. A line's end or another control character in a cell is
    /// shown as a blank.
    void add_row(std::vector<std::string> cells);

    [[nodiscard]] std::string to_text() const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace understudy::app
