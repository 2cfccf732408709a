#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct zs_scanner;  // libzscanner's, in scanner.cc alone

namespace understudy::text {

/// libzscanner over one text, one item at a time. It is not left to follow $INCLUDE itself, since
/// it knows no limit of depth.
class Scanner {
  public:
    enum class Item : std::uint8_t { kRecord, kInclude, kFault, kEnd };

    /// REQUIRES: `text` outlives the scanner.
    Scanner(std::string_view text, wire::NameView origin, std::uint32_t default_ttl_s);

    /// Goes on to the next item. After a fault in a directive the next is always kEnd.
    [[nodiscard]] Item next();

    /// The line of the item's last octet.
    [[nodiscard]] std::size_t line() const noexcept;

    // After kRecord; valid until the next item.
    [[nodiscard]] wire::NameView owner() const noexcept;
    [[nodiscard]] std::uint16_t type() const noexcept;
    [[nodiscard]] std::uint16_t klass() const noexcept;
    [[nodiscard]] std::uint32_t ttl_s() const noexcept;
    [[nodiscard]] base::Octets rdata() const noexcept;

    // After kInclude; valid until the next item.
    [[nodiscard]] std::string_view include_path() const noexcept;  // as written
    [[nodiscard]] wire::NameView include_origin() const noexcept;
    [[nodiscard]] std::uint32_t default_ttl_s() const noexcept;

    // After kFault.
    [[nodiscard]] std::string fault() const;   // what is wrong, and in which text
    [[nodiscard]] std::size_t column() const;  // where reading stopped; 0 where unknown

  private:
    [[nodiscard]] std::string_view stopped_line() const noexcept;
    [[nodiscard]] std::string_view unread_rest() const noexcept;

    struct Destroy {
        void operator()(zs_scanner* scanner) const noexcept;
    };

    std::string_view text_;
    std::unique_ptr<zs_scanner, Destroy> scanner_;
};

}  // namespace understudy::text
