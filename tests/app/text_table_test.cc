#include "app/text_table.h"

#include <gtest/gtest.h>

namespace understudy::app {
namespace {

using enum TextTable::Align;

TEST(TextTable, ColumnsAreAsWideAsTheirWidestCell) {
    TextTable table({{"zone"}, {"serial", kRight}, {"state"}});
    table.add_row({"a.example.", "7", "current"});
    table.add_row({"b.", "2024010101", "failed"});
    EXPECT_EQ(table.to_text(),
              "zone            serial  state\n"
              "a.example.           7  current\n"
              "b.          2024010101  failed\n");
}

TEST(TextTable, WithoutRowsThereAreTheTitles) {
    EXPECT_EQ(TextTable({{"zone"}, {"serial", kRight}}).to_text(), "zone  serial\n");
}

TEST(TextTable, WithoutTitlesThereAreTheRows) {
    TextTable table({{}, {}});
    table.add_row({"state", "serving"});
    table.add_row({"up", "3s"});
    EXPECT_EQ(table.to_text(), "state  serving\nup     3s\n");
}

TEST(TextTable, EmptyCellsLeaveNoBlanksAtALinesEnd) {
    TextTable table({{"a"}, {"b"}, {"c", kRight}});
    table.add_row({"xx", "", "1"});
    table.add_row({"x", "yy", ""});
    table.add_row({"", "", ""});
    EXPECT_EQ(table.to_text(), "a   b   c\nxx      1\nx   yy\n\n");
}

TEST(TextTable, LettersOfManyOctetsTakeOnePlace) {
    TextTable table({{"a"}, {"b"}});
    table.add_row({"müde", "1"});
    table.add_row({"wach", "2"});
    EXPECT_EQ(table.to_text(), "a     b\nmüde  1\nwach  2\n");
}

TEST(TextTable, ControlCharactersCannotBreakIt) {
    TextTable table({{"a"}, {"b"}});
    table.add_row({"x\ny\x1b[2J", "1"});
    EXPECT_EQ(table.to_text(), "a        b\nx y [2J  1\n");
}

}  // namespace
}  // namespace understudy::app
