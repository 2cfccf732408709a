#include <understudy/control/tsig.h>

namespace understudy::control {

std::string_view to_text(TsigStatus status) noexcept {
    switch (status) {
        case TsigStatus::kGood:
            return "the TSIG is good";
        case TsigStatus::kPending:
            return "unsigned so far";
        case TsigStatus::kUnsigned:
            return "not signed";
        case TsigStatus::kMalformed:
            return "malformed TSIG";
        case TsigStatus::kBadKey:
            return "signed with another key";
        case TsigStatus::kBadSig:
            return "the TSIG does not match (BADSIG)";
        case TsigStatus::kBadTime:
            return "the TSIG's time is too far from ours (BADTIME)";
        case TsigStatus::kTooManyUnsigned:
            return "too many messages in a row without TSIG";
        case TsigStatus::kRefusedBadKey:
            return "the server does not know the key (BADKEY)";
        case TsigStatus::kRefusedBadSig:
            return "the server takes our signature for bad (BADSIG)";
        case TsigStatus::kRefusedBadTime:
            return "the server's clock is too far from ours (BADTIME)";
        case TsigStatus::kRefused:
            return "the server refused our signature";
    }
    return "";
}

}  // namespace understudy::control
