#include "zone/image_reader.h"

#include <understudy/zone/canonical_key.h>
#include <algorithm>
#include <utility>
#include <vector>

#include "zone/lineage.h"
#include "zone/mix.h"
#include "zone/node_records.h"
#include "zone/node_writer.h"
#include "zone/order_reader.h"
#include "zone/relative_name.h"
#include "zone/table_reader.h"

namespace understudy::zone {

ImageReader::ImageReader(wire::NameView apex, const HashKey& key, const ImageSource& source)
    : apex_(apex), key_(key), input_(source), blocks_(input_) {}

bool ImageReader::fail(std::string fault) {
    if (fault_.empty()) {
        fault_ = std::move(fault);
    }
    return false;
}

base::Expected<std::unique_ptr<const Zone>> ImageReader::read() {
    if (!read_header() || !read_zone()) {
        return base::fail(what_is_wrong());
    }
    zone_->lineage_ = std::make_shared<Lineage>();
    zone_->version_ = kFirstVersion;
    zone_->lineage_->commit(kFirstVersion, {});
    blocks_.release();
    return std::unique_ptr<const Zone>(zone_.release());
}

/// Of several faults the one that tells most: the source's, an early end, damage, and only then
/// what the reader stumbled over.
std::string ImageReader::what_is_wrong() {
    std::string stumbled = fault_.empty() ? blocks_.fault() : fault_;
    const bool is_damaged = has_header_ && !has_sum();
    if (!input_.fault().empty()) {
        return input_.fault();
    }
    if (!has_header_) {
        return stumbled;
    }
    if (input_.taken() + input_.peek(kImageSumOctets).size() < header_.octets) {
        return "the image ends early: before its " + std::to_string(header_.octets) + " octets";
    }
    return is_damaged ? "the image is damaged: its checksum does not match"
                      : "the image has a fault: " + stumbled;
}

/// Whether its octets, those not read yet included, have the sum that stands behind them.
bool ImageReader::has_sum() {
    const std::uint64_t summed = header_.octets - kImageSumOctets;
    input_.skip(summed - std::min(summed, input_.taken()));
    const std::uint64_t sum = input_.sum();
    const base::Octets stored = input_.peek(kImageSumOctets);
    return stored.size() == kImageSumOctets && load_field<std::uint64_t>(stored.data()) == sum;
}

// ---- Header

bool ImageReader::read_header() {
    const base::MutableOctets octets(reinterpret_cast<std::uint8_t*>(&header_), sizeof header_);
    if (!input_.take(octets)) {
        return fail("the image ends early: in its header");
    }
    if (header_.magic != ImageHeader::kMagic) {
        return fail("this is no image of a zone");
    }
    if (header_.byte_order != ImageHeader::kByteOrder) {
        return fail("the image has the byte order of another machine");
    }
    if (header_.format != ImageHeader::kFormat) {
        return fail("the image has format " + std::to_string(header_.format) + " instead of " +
                    std::to_string(ImageHeader::kFormat));
    }
    if (header_.key_check != key_check(key_)) {
        return fail("the image was made with another hash key");
    }
    if (header_.octets < sizeof header_ + kImageSumOctets) {
        return fail("the image says that it is too short");
    }
    has_header_ = true;
    return true;
}

bool ImageReader::check_apex() {
    std::array<std::uint8_t, wire::kMaxNameOctets> octets;
    const base::MutableOctets name = base::MutableOctets(octets).first(header_.apex_octets);
    if (!input_.take(name) || name.empty() || wire::name_length(name) != name.size()) {
        return fail("its apex is no name");
    }
    zone_->apex_ = wire::Name(wire::NameView(name));
    if (!(zone_->apex() == apex_)) {
        return fail("it is of the zone " + zone_->apex().to_text());
    }
    zone_->apex_labels_ = apex_.label_count();
    zone_->apex_hash_ = NameKey(apex_, key_).hash(zone_->apex_labels_);
    return true;
}

// ---- Blocks

bool ImageReader::read_zone() {
    zone_.reset(new Zone);
    zone_->key_ = key_;
    if (!check_apex()) {
        return false;
    }
    zone_->nodes_by_depth_.resize(header_.depths);
    if (!input_.take({reinterpret_cast<std::uint8_t*>(zone_->nodes_by_depth_.data()),
                      header_.depths * sizeof(std::uint32_t)})) {
        return fail("it ends early");
    }
    check_ = std::make_unique<NodeCheck>(zone_->apex(), key_);
    return read_apex() && read_table() && settle_counts() && read_order() && check_end();
}

bool ImageReader::read_apex() {
    constexpr std::size_t kMostOctets = sizeof(BlockHeader) + 2 + 1 + wire::kMaxNameOctets +
                                        sizeof(std::uint32_t) + kMaxRRsetsOctets;
    const base::Octets front = blocks_.peek(sizeof(BlockHeader));
    if (front.empty()) {
        return false;
    }
    const auto octets = load_field<std::uint32_t>(&front[sizeof(Version)]);
    if (octets <= sizeof(BlockHeader) || octets > kMostOctets) {
        return fail("an apex of " + std::to_string(octets) + " octets");
    }
    const BlockRef block = blocks_.take(octets, 0);
    if (block.is_null()) {
        return false;
    }
    const base::Octets contents(BlockHeader::contents(block), octets - sizeof(BlockHeader));
    const std::size_t head = check_->head(contents, true);
    const std::size_t rrsets = head != 0 ? check_->rrsets(contents.subspan(head)) : 0;
    if (BlockHeader::of(block).birth != kFirstVersion || rrsets == 0 ||
        head + rrsets != contents.size()) {
        return fail(check_->fault().empty() ? "a faulty apex" : check_->fault());
    }
    zone_->apex_node_ = block;
    const StoredNode apex(contents.data());
    const auto has = [&apex](wire::Type type) {
        const auto rrset = apex.find(type);
        return rrset && rrset->count != 0;
    };
    if (!has(wire::type::kSoa) || !has(wire::type::kNs)) {
        return fail("the apex has no SOA or no NS record");
    }
    NodeRecords records(zone_->apex_node());
    NodeWriter(*zone_, kFirstVersion, {}).take_authority(records.normalised());
    zone_->chain_ = zone_->choose_chain();
    count(apex, *check_);
    return true;
}

bool ImageReader::read_table() {
    TableReader table(
        blocks_, *check_, [this](StoredNode node, const NodeCheck& check) { count(node, check); });
    zone_->table_ = table.read(BlockRef::from_bits(header_.table_root));
    return blocks_.fault().empty();
}

void ImageReader::count(StoredNode node, const NodeCheck& check) {
    ++nodes_;
    records_ += check.records();
    children_ += check.children();
    if (check.has(StoredNode::kUnnamed)) {
        return;
    }
    ++named_[check.depth()];
    interrupts_[check.depth()] += interrupts(node.flags()) ? 1U : 0U;
    KeyBuffer key;
    if (zone_->denial() == Denial::kNsec3) {
        if (zone_->chain_key(Node(*zone_, node), key)) {
            add(chain_, key);
        }
    } else if (zone_->denial() == Denial::kNsec && Node(*zone_, node).find(wire::type::kNsec)) {
        to_canonical_key(node.owner(), key);
        add(nsec_by_depth_[check.depth()], key);
    }
}

// ---- Counts

bool ImageReader::settle_counts() {
    std::vector<std::uint32_t>& by_depth = zone_->nodes_by_depth_;
    std::uint64_t nodes = 0;
    for (std::size_t depth = 0; depth < named_.size(); ++depth) {
        const std::uint32_t names = depth < by_depth.size() ? by_depth[depth] : 0;
        // Empty non-terminals do not tell their depth.
        if (names < named_[depth]) {
            return fail("more names at a depth than it says");
        }
        nodes += names;
    }
    if (by_depth.empty() || by_depth.size() > named_.size() || by_depth[0] != 1 ||
        by_depth.back() == 0 || nodes != nodes_ || header_.nodes != nodes_) {
        return fail("it has another number of names than it says");
    }
    if (header_.records != records_) {
        return fail("it has another number of records than it says");
    }
    if (children_ != nodes_ - 1) {
        return fail("counts of children are not those of the names");
    }
    if (header_.serial != zone_->serial()) {
        return fail("it has another serial than it says");
    }
    zone_->node_count_ = nodes_;
    zone_->record_count_ = records_;
    zone_->interrupts_by_depth_.assign(
        interrupts_.begin(), interrupts_.begin() + static_cast<std::ptrdiff_t>(by_depth.size()));
    zone_->settle_depths();
    return true;
}

// ---- Order

void ImageReader::add(KeySet& set, const KeyBuffer& key) const noexcept {
    const base::Octets octets = key.view();
    std::uint64_t hash = secret_.first;
    for (std::size_t at = 0; at < octets.size(); at += sizeof(std::uint64_t)) {
        const std::size_t part = std::min(octets.size() - at, sizeof(std::uint64_t));
        hash = mix(hash ^ load_part(octets.data() + at, part), secret_.second);
    }
    ++set.count;
    set.sum += mix(hash ^ octets.size(), secret_.second);
}

void ImageReader::add_keys_below_interrupts() {
    bool is_any = false;
    for (std::size_t depth = 0; depth < nsec_by_depth_.size(); ++depth) {
        const KeySet& keys = nsec_by_depth_[depth];
        if (!zone_->may_be_below_interrupt(depth)) {
            chain_.count += keys.count;
            chain_.sum += keys.sum;
        } else {
            is_any = is_any || keys.count != 0;
        }
    }
    if (!is_any) {
        return;
    }
    KeyBuffer key;
    zone_->table_.for_each_node([&](StoredNode stored) {
        const Node node(*zone_, stored);
        if (!stored.has(StoredNode::kUnnamed) &&
            zone_->may_be_below_interrupt(depth_of(stored.owner())) &&
            zone_->chain_key(node, key)) {
            add(chain_, key);
        }
    });
}

bool ImageReader::read_order() {
    if (zone_->denial() == Denial::kNsec) {
        add_keys_below_interrupts();
    }
    KeySet in_order;
    OrderReader order(blocks_, [&](const KeyBuffer& key) { add(in_order, key); });
    zone_->chain_.order = order.read(BlockRef::from_bits(header_.order_root));
    if (!blocks_.fault().empty()) {
        return false;
    }
    if (in_order != chain_ || header_.chain_keys != chain_.count) {
        return fail("its order is not that of the names in the chain");
    }
    zone_->find_apex_proofs();
    zone_->find_open_depth();
    return true;
}

bool ImageReader::check_end() {
    if (header_.blocks != blocks_.count() || input_.taken() + kImageSumOctets != header_.octets) {
        return fail("it has another number of blocks or octets than it says");
    }
    if (input_.peek(kImageSumOctets + 1).size() > kImageSumOctets) {
        return fail("octets behind its end");
    }
    return has_sum() || fail("its checksum does not match");
}

}  // namespace understudy::zone
