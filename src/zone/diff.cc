#include <understudy/base/check.h>
#include <understudy/zone/change.h>
#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "zone/node_records.h"

namespace understudy::zone {
namespace {

bool same_octets(wire::NameView left, wire::NameView right) noexcept {
    return std::ranges::equal(left.octets(), right.octets());
}

/// Takes the pages that `others` have, too, out of `pages`. They are sorted afterwards.
void drop(std::vector<BlockRef>& pages, std::vector<BlockRef> others) {
    std::ranges::sort(pages, {}, &BlockRef::bits);
    std::ranges::sort(others, {}, &BlockRef::bits);
    std::vector<BlockRef> left;
    std::ranges::set_difference(
        pages, others, std::back_inserter(left), {}, &BlockRef::bits, &BlockRef::bits);
    pages = std::move(left);
}

}  // namespace

/// Walks two tables beside one another, past what both have, and compares the nodes of the pages
/// that are left.
class ZoneDiff {
  public:
    ZoneDiff(const Zone& from, const Zone& to) : from_(from), to_(to), change_(from) {}

    [[nodiscard]] Change run();

  private:
    using Pages = std::vector<BlockRef>;

    void part(BlockRef from, BlockRef to);
    void part_directories(const Directory& from, const Directory& to);
    static void gather(BlockRef ref, Pages& pages);
    void compare(const Node& from, const std::optional<Node>& to);
    template <typename Visit>
    static void visit_nodes(const Pages& pages, const Zone& zone, const Zone& other, Visit visit);
    void emit(const Node& at, std::span<const RecordRef> records, bool removes);

    const Zone& from_;
    const Zone& to_;
    Change change_;
    Pages pages_of_from_;
    Pages pages_of_to_;
};

/// The pages of a subtree.
void ZoneDiff::gather(BlockRef ref, Pages& pages) {
    if (ref.is_null()) {
        return;
    }
    if (ref.tag() != 0) {
        pages.push_back(ref);
        return;
    }
    Directory::at(ref).for_each_entry(
        [&pages](BlockRef entry, std::size_t) { gather(entry, pages); });
}

/// Finds the pages that the two do not share. REQUIRES: both cover the same hashes.
void ZoneDiff::part(BlockRef from, BlockRef to) {
    if (from == to) {
        return;
    }
    if (!from.is_null() && !to.is_null() && from.tag() == 0 && to.tag() == 0) {
        part_directories(Directory::at(from), Directory::at(to));
        return;
    }
    gather(from, pages_of_from_);
    gather(to, pages_of_to_);
}

void ZoneDiff::part_directories(const Directory& from, const Directory& to) {
    // Entries of the smaller node count for several of the larger one's.
    const unsigned bits = std::max(from.bits, to.bits);
    const auto entry = [bits](const Directory& node, std::size_t i) {
        return node.entries()[i >> (bits - node.bits)];
    };
    for (std::size_t i = 0; i < std::size_t{1} << bits;) {
        const std::size_t of_from = Directory::span_of(entry(from, i), bits);
        const std::size_t of_to = Directory::span_of(entry(to, i), bits);
        const std::size_t end = i + std::max(of_from, of_to);
        if (of_from == of_to) {
            part(entry(from, i), entry(to, i));
        } else {
            for (std::size_t at = i; at < end; at += Directory::span_of(entry(from, at), bits)) {
                gather(entry(from, at), pages_of_from_);
            }
            for (std::size_t at = i; at < end; at += Directory::span_of(entry(to, at), bits)) {
                gather(entry(to, at), pages_of_to_);
            }
        }
        i = end;
    }
}

void ZoneDiff::emit(const Node& at, std::span<const RecordRef> records, bool removes) {
    const wire::NameBuffer owner = at.owner();
    for (const RecordRef& record : records) {
        const auto put = removes ? &Change::remove : &Change::add;
        const auto good = (change_.*put)(owner.view(), record.type, record.ttl_s, record.rdata);
        UNDERSTUDY_CHECK(good.has_value());  // it stands in a zone
    }
}

/// REQUIRES: `from` has records.
void ZoneDiff::compare(const Node& from, const std::optional<Node>& to) {
    const bool is_there = to && !to->is_empty();
    if (is_there && same_octets(from.owner().view(), to->owner().view()) &&
        std::ranges::equal(from.stored().stored_rrsets(), to->stored().stored_rrsets())) {
        return;
    }
    NodeRecords of_from(from);
    NodeRecords of_to = is_there ? NodeRecords(*to) : NodeRecords();
    const auto before = [](const RecordRef& one, const RecordRef& other) {
        if (stored_before(one, other) || stored_before(other, one)) {
            return stored_before(one, other);
        }
        return one.ttl_s < other.ttl_s;
    };
    std::vector<RecordRef> gone;
    std::vector<RecordRef> come;
    std::ranges::set_difference(
        of_from.normalised(), of_to.normalised(), std::back_inserter(gone), before);
    std::ranges::set_difference(
        of_to.normalised(), of_from.normalised(), std::back_inserter(come), before);
    emit(from, gone, true);
    emit(from, come, false);
}

/// Calls `visit(node, other)` with each node that has records and, if it is there, the other
/// zone's of that name.
template <typename Visit>
void ZoneDiff::visit_nodes(const Pages& pages, const Zone& zone, const Zone& other, Visit visit) {
    for (const BlockRef page : pages) {
        for_each_node_of(page, [&](StoredNode stored) {
            const Node node(zone, stored);
            if (!node.is_empty()) {
                visit(node, other.find(NameKey(node.owner().view(), other.hash_key())));
            }
        });
    }
}

Change ZoneDiff::run() {
    UNDERSTUDY_CHECK(from_.apex() == to_.apex());
    compare(from_.apex_node(), to_.apex_node());
    if (from_.hash_key() == to_.hash_key()) {
        part(from_.table_.root(), to_.table_.root());
    } else {
        gather(from_.table_.root(), pages_of_from_);
        gather(to_.table_.root(), pages_of_to_);
    }
    const Pages all_of_from = pages_of_from_;
    drop(pages_of_from_, pages_of_to_);
    drop(pages_of_to_, all_of_from);
    visit_nodes(pages_of_from_, from_, to_, [this](const Node& from, std::optional<Node> to) {
        compare(from, to);
    });
    visit_nodes(pages_of_to_, to_, from_, [this](const Node& to, std::optional<Node> from) {
        if (!from || from->is_empty()) {
            NodeRecords records(to);
            emit(to, records.normalised(), false);
        }
    });
    return std::move(change_);
}

Change diff(const Zone& from, const Zone& to) { return ZoneDiff(from, to).run(); }

}  // namespace understudy::zone
