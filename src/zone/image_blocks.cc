#include "zone/image_blocks.h"

namespace understudy::zone {

ImageBlocks::~ImageBlocks() {
    for (const Owned& owned : owned_) {
        if (!owned.block.is_null()) {
            BlockStore::process().release(owned.block, owned.octets);
        }
    }
}

base::Octets ImageBlocks::peek(std::size_t octets) {
    const base::Octets front = input_.peek(octets);
    if (front.size() < octets) {
        fail("it ends early");
        return {};
    }
    return front;
}

BlockRef ImageBlocks::take(std::size_t octets, unsigned tag) {
    owned_.emplace_back();  // first, so that no block is lost where there is no room for this
    const BlockRef block = BlockStore::process().allocate(octets, tag);
    owned_.back() = {block, static_cast<std::uint32_t>(octets)};
    if (!input_.take({BlockStore::at(block), octets})) {
        fail("it ends early");
        return {};
    }
    return block;
}

bool ImageBlocks::fail(const std::string& fault) {
    if (fault_.empty()) {
        fault_ = "block " + std::to_string(owned_.size()) + ": " + fault;
    }
    return false;
}

}  // namespace understudy::zone
