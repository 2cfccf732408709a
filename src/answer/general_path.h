#pragma once

#include <understudy/answer/answer.h>
#include <understudy/zone/snapshot.h>

namespace understudy::answer {

/// Answers any request, one at a time: what FastPath leaves, and, in a test, what it does not
/// leave.
void answer_general(Request& request,
                    const zone::Snapshot& snapshot,
                    const Context& context) noexcept;

}  // namespace understudy::answer
