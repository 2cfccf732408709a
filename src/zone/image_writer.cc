#include "zone/image_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "zone/lineage.h"
#include "zone/order_node.h"

namespace understudy::zone {
namespace {

std::uint32_t root_ref(BlockRef root) noexcept {
    return root.is_null() ? 0 : image_ref(1, root.tag()).bits();
}

template <typename Field>
void store_at(std::vector<std::uint8_t>& octets, std::size_t at, const Field& field) {
    std::memcpy(&octets[at], &field, sizeof field);
}

}  // namespace

ImageWriter::ImageWriter(const Zone& zone, const ImageSink& sink) : zone_(zone), sink_(sink) {
    part_.reserve(kPartOctets);
}

ImageHeader ImageWriter::header_of(const Zone& zone) {
    ImageHeader header{.key_check = key_check(zone.key_),
                       .nodes = zone.node_count_,
                       .records = zone.record_count_,
                       .chain_keys = zone.chain_.order.key_count(),
                       .blocks = 1,
                       .serial = zone.serial(),
                       .table_root = root_ref(zone.table_.root()),
                       .order_root = root_ref(zone.chain_.order.root()),
                       .apex_octets = static_cast<std::uint8_t>(zone.apex().size()),
                       .depths = static_cast<std::uint8_t>(zone.nodes_by_depth_.size())};
    header.octets = sizeof header + header.apex_octets + header.depths * sizeof(std::uint32_t) +
                    BlockHeader::of(zone.apex_node_).octets + kImageSumOctets;
    const auto count = [&header](std::size_t octets) {
        ++header.blocks;
        header.octets += octets;
    };
    zone.table_.for_each_block([&count](BlockRef, std::size_t octets) { count(octets); });
    if (!zone.chain_.order.is_empty()) {
        for_each_order_node(zone.chain_.order.root(),
                            [&count](BlockRef node) { count(OrderNode(node).header().octets); });
    }
    return header;
}

base::Expected<void> ImageWriter::write() {
    put_field(header_of(zone_));
    put(zone_.apex().octets());
    for (const std::uint32_t names : zone_.nodes_by_depth_) {
        put_field(names);
    }
    put_block(zone_.apex_node_);
    if (!zone_.table_.is_empty()) {
        put_table(zone_.table_.root());
    }
    if (!zone_.chain_.order.is_empty()) {
        put_order(zone_.chain_.order.root());
    }
    flush();  // what is summed up
    put_field(sum_.digest());
    flush();
    return fault_.empty() ? base::Expected<void>() : base::fail(fault_);
}

void ImageWriter::put(base::Octets octets) {
    while (!octets.empty()) {
        const std::size_t taken = std::min(octets.size(), kPartOctets - part_.size());
        part_.insert(
            part_.end(), octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(taken));
        octets = octets.subspan(taken);
        if (part_.size() == kPartOctets) {
            flush();
        }
    }
}

void ImageWriter::flush() {
    sum_.update(part_);
    if (fault_.empty() && !part_.empty()) {
        if (auto good = sink_(part_); !good) {
            fault_ = std::move(good.error().message);
        }
    }
    part_.clear();
}

void ImageWriter::put_block(BlockRef block) {
    BlockHeader header = BlockHeader::of(block);
    header.birth = kFirstVersion;
    put_field(header);
    put({BlockHeader::contents(block), header.octets - sizeof header});
}

void ImageWriter::put_table(BlockRef ref) {
    if (ref.tag() == 0) {
        put_directory(ref);
    } else {
        put_page(ref);
    }
}

void ImageWriter::put_directory(BlockRef ref) {
    const Directory& node = Directory::at(ref);
    Directory header = node;
    header.birth = kFirstVersion;
    put_field(header);
    std::size_t number = 0;
    node.for_each_entry([this, &number](BlockRef entry, std::size_t span) {
        const BlockRef image = image_ref(++number, entry.tag());
        for (; span > 0; --span) {
            put_field(image);
        }
    });
    node.for_each_entry([this](BlockRef entry, std::size_t) { put_table(entry); });
}

void ImageWriter::put_page(BlockRef page) {
    PageHeader header = zone::header_of(page);
    const std::uint8_t* const start = BlockStore::at(page);
    block_.assign(start, start + header.octets);
    header.birth = kFirstVersion;
    store_at(block_, page.tag() * sizeof(Line), header);
    std::vector<BlockRef> outside;
    for_each_node_of(page, [&](StoredNode node) {
        if (const BlockRef block = node.external(); !block.is_null()) {
            outside.push_back(block);
            const auto end = static_cast<std::size_t>(node.data() - start) + node.octets();
            store_at(block_, end - sizeof(BlockRef), image_ref(outside.size(), 0));
        }
    });
    put(block_);
    for (const BlockRef block : outside) {
        put_block(block);
    }
}

void ImageWriter::put_order(BlockRef ref) {
    OrderHeader header = OrderNode(ref).header();
    const std::uint8_t* const start = BlockStore::at(ref);
    block_.assign(start, start + header.octets);
    header.birth = kFirstVersion;
    store_at(block_, 0, header);
    if (ref.tag() == kOrderLeaf) {
        std::fill_n(block_.end() - kKeyChunkOctets, kKeyChunkOctets, std::uint8_t{0});
        put(block_);
        return;
    }
    const auto children = OrderInner(ref).children();
    const auto at =
        static_cast<std::size_t>(reinterpret_cast<const std::uint8_t*>(children.data()) - start);
    for (std::size_t i = 0; i < children.size(); ++i) {
        store_at(block_, at + i * sizeof(BlockRef), image_ref(i + 1, children[i].tag()));
    }
    put(block_);
    for (const BlockRef child : children) {
        put_order(child);
    }
}

}  // namespace understudy::zone
