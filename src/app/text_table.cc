#include "app/text_table.h"

#include <understudy/base/check.h>
#include <algorithm>
#include <cstddef>
#include <utility>

namespace understudy::app {
namespace {

constexpr std::size_t kGap = 2;

/// Code points: what follows a first octet of UTF-8 takes no room.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char octet) { return (static_cast<unsigned char>(octet) & 0xC0U) != 0x80U; }));
}

void append_line(std::string& text,
                 const std::vector<TextTable::Column>& columns,
                 const std::vector<std::size_t>& widths,
                 const std::vector<std::string>& cells) {
    std::size_t owed = 0;  // blanks that only a further cell makes necessary
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::size_t filling = widths[i] - width_of(cells[i]);
        const bool is_right = columns[i].align == TextTable::Align::kRight;
        if (!cells[i].empty()) {
            text.append(owed + (is_right ? filling : 0), ' ');
            text += cells[i];
            owed = is_right ? 0 : filling;
        } else {
            owed += filling;
        }
        owed += kGap;
    }
    text += '\n';
}

}  // namespace

void TextTable::add_row(std::vector<std::string> cells) {
    UNDERSTUDY_CHECK(cells.size() == columns_.size());
    for (std::string& cell : cells) {
        std::ranges::replace_if(
            cell, [](char octet) { return static_cast<unsigned char>(octet) < ' '; }, ' ');
    }
    rows_.push_back(std::move(cells));
}

std::string TextTable::to_text() const {
    std::vector<std::string> titles;
    std::vector<std::size_t> widths;
    for (const Column& column : columns_) {
        titles.emplace_back(column.title);
        widths.push_back(width_of(column.title));
    }
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    std::string text;
    if (!std::ranges::all_of(titles, &std::string::empty)) {
        append_line(text, columns_, widths, titles);
    }
    for (const auto& row : rows_) {
        append_line(text, columns_, widths, row);
    }
    return text;
}

}  // namespace understudy::app
