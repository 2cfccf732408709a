#include "text/scanner.h"

#include <understudy/base/check.h>
#include <algorithm>
#include <cstring>
#include <new>

extern "C" {
#include <libzscanner/scanner.h>
}

namespace understudy::text {
namespace {

// libzscanner writes numbers into the rdata without a look at the room that is left; no type has
// more of them in a row than this.
constexpr std::size_t kSlackOctets = 256;

constexpr std::size_t kMaxQuotedOctets = 40;  // of the text that a fault quotes

// libzscanner makes every include path that is relative begin with the scanner's folder, which is
// always this one here.
constexpr std::string_view kRelativePrefix = "./";

/// The beginning of `text` as it can stand in a log: printable and short.
std::string quoted(std::string_view text) {
    std::string quote(text.substr(0, kMaxQuotedOctets));
    std::ranges::replace_if(
        quote, [](char octet) { return octet < ' ' || octet > '~'; }, '?');
    return "'" + quote + (text.size() > kMaxQuotedOctets ? "...'" : "'");
}

}  // namespace

void Scanner::Destroy::operator()(zs_scanner* scanner) const noexcept {
    zs_deinit(scanner);
    ::operator delete(scanner);
}

Scanner::Scanner(std::string_view text, wire::NameView origin, std::uint32_t default_ttl_s)
    : text_(text),
      scanner_(static_cast<zs_scanner*>(::operator new(sizeof(zs_scanner) + kSlackOctets))) {
    UNDERSTUDY_CHECK(zs_init(scanner_.get(), ".", 1, default_ttl_s) == 0);
    // Not through zs_init: it takes the origin as text, for which it has too little room.
    std::ranges::copy(origin.octets(), scanner_->zone_origin);
    scanner_->zone_origin_length = static_cast<std::uint32_t>(origin.size());
    // An empty text has no address of its own.
    const char* const start = text.empty() ? "" : text.data();
    UNDERSTUDY_CHECK(zs_set_input_string(scanner_.get(), start, text.size()) == 0);
}

Scanner::Item Scanner::next() {
    if (zs_parse_record(scanner_.get()) != 0) {
        return Item::kEnd;
    }
    switch (scanner_->state) {
        case ZS_STATE_DATA:
            return Item::kRecord;
        case ZS_STATE_ERROR:
            // libzscanner drops the faulty line unread, the parenthesis that would close its record
            // included, and would then take all that follows for the same record.
            if (unread_rest().find(')') != std::string_view::npos) {
                scanner_->multiline = false;
            }
            return Item::kFault;
        case ZS_STATE_INCLUDE:
            scanner_->error.fatal = false;  // set at a directive's begin, left so by $INCLUDE
            return Item::kInclude;
        default:
            return Item::kEnd;
    }
}

std::size_t Scanner::line() const noexcept { return scanner_->line_counter; }

wire::NameView Scanner::owner() const noexcept {
    return wire::NameView({scanner_->r_owner, scanner_->r_owner_length});
}

std::uint16_t Scanner::type() const noexcept { return scanner_->r_type; }
std::uint16_t Scanner::klass() const noexcept { return scanner_->r_class; }
std::uint32_t Scanner::ttl_s() const noexcept { return scanner_->r_ttl; }

base::Octets Scanner::rdata() const noexcept { return {scanner_->r_data, scanner_->r_data_length}; }

std::string_view Scanner::include_path() const noexcept {
    std::string_view path(scanner_->include_filename);
    if (path.starts_with(kRelativePrefix)) {
        path.remove_prefix(kRelativePrefix.size());
    }
    return path;
}

wire::NameView Scanner::include_origin() const noexcept {
    if (scanner_->dname == nullptr) {
        return wire::NameView({scanner_->zone_origin, scanner_->zone_origin_length});
    }
    return wire::NameView({scanner_->r_data, scanner_->r_data_length});
}

std::uint32_t Scanner::default_ttl_s() const noexcept { return scanner_->default_ttl; }

std::string Scanner::fault() const {
    const std::string reason = zs_strerror(scanner_->error.code);
    const std::string_view line = stopped_line();
    return line.empty() ? reason : reason + " in " + quoted(line);
}

std::size_t Scanner::column() const {
    const std::string_view line = stopped_line();
    const std::string_view rest = unread_rest();
    return line.ends_with(rest) ? line.size() - rest.size() + 1 : 0;
}

/// The line of the text that a fault ended, without its newline.
std::string_view Scanner::stopped_line() const noexcept {
    // The text's end is scanned apart, from a newline that libzscanner adds.
    const bool in_text = scanner_->input.end == text_.data() + text_.size();
    const std::string_view before =
        in_text ? text_.substr(0, static_cast<std::size_t>(scanner_->input.current - text_.data()))
                : text_;
    return before.substr(before.rfind('\n') + 1);  // npos + 1: the first line
}

/// What was left of the line where libzscanner stopped to understand it.
std::string_view Scanner::unread_rest() const noexcept {
    const std::size_t size = scanner_->buffer_length;  // with an ending zero
    return {reinterpret_cast<const char*>(scanner_->buffer), size == 0 ? 0 : size - 1};
}

}  // namespace understudy::text
