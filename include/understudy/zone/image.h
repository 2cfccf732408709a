#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

// The image of a zone: its blocks as they stand in memory, so that a start reads them instead of
// parsing records. Fields are in the machine's byte order, without padding between the parts:
//
//     header (image_format.h) · apex · number of names at each depth, 4 each · blocks ·
//     XXH64 of all that, 8
//
// Blocks stand in the order in which a walk from the roots meets them: the apex' node, then the
// table's (a directory node, then all below its first entry, and so on; behind a page what its
// large nodes have outside), then those of the order tree. Each is referred to once, from the block
// that it stands below, as that one's first, second, third block: so a reference can neither lead
// astray nor in a circle, and an image is written and read from its begin to its end, whatever its
// size.
//
// Who can write images need not be trusted: reading checks all that any use of a zone relies on for
// staying within its memory and coming to an end, down to each label, record, compression pointer
// and key. It does not check what makes no difference there: that the records are those which the
// primary had, or that names have all their ancestors.
//
// The hash key is a secret that images must not tell: they hold a number that depends on it (and
// the places of names, which do so too).
//
// Files are the caller's affair: a database holds small images, a file large ones, and what is
// synchronised, renamed or kept out of the page cache is for it to say.
namespace understudy::zone {

/// Takes the next octets of an image.
using ImageSink = std::function<base::Expected<void>(base::Octets octets)>;

/// Gives the next octets of an image and returns how many: less than there is room for at its end
/// alone.
using ImageSource = std::function<base::Expected<std::size_t>(base::MutableOctets into)>;

/// Writes the image of a zone. Fails as `sink` does, to which it gives what it has in parts of some
/// 256 KiB. Equal versions of one zone, read from an image, give equal images. Any thread.
[[nodiscard]] base::Expected<void> write_image(const Zone& zone, const ImageSink& sink);

/// How many octets that takes. Looks at every page.
[[nodiscard]] std::uint64_t image_octets(const Zone& zone);

/// Makes a zone of its image: the first version of a lineage of its own. Takes time and memory in
/// proportion to what `source` gives, whatever that is. Any thread.
///
/// Fails, with the text for the operator, where the image is of another zone, hash key, format or
/// byte order, ends early or late, or has any fault; and as `source` does. Throws std::bad_alloc as
/// BlockStore::allocate.
[[nodiscard]] base::Expected<std::unique_ptr<const Zone>> read_image(wire::NameView apex,
                                                                     const HashKey& key,
                                                                     const ImageSource& source);

/// The same of an image that is in memory.
[[nodiscard]] base::Expected<std::unique_ptr<const Zone>> read_image(wire::NameView apex,
                                                                     const HashKey& key,
                                                                     base::Octets image);

}  // namespace understudy::zone
