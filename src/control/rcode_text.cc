#include "control/rcode_text.h"

namespace understudy::control {

std::string rcode_text(wire::Rcode rcode) {
    switch (rcode) {
        case wire::Rcode::kNoError:
            return "NOERROR";
        case wire::Rcode::kFormErr:
            return "FORMERR";
        case wire::Rcode::kServFail:
            return "SERVFAIL";
        case wire::Rcode::kNxDomain:
            return "NXDOMAIN";
        case wire::Rcode::kNotImp:
            return "NOTIMP";
        case wire::Rcode::kRefused:
            return "REFUSED";
        case wire::Rcode::kNotAuth:
            return "NOTAUTH";
        case wire::Rcode::kYxDomain:
        case wire::Rcode::kBadVers:
            break;
    }
    return "rcode " + std::to_string(static_cast<unsigned>(rcode));
}

}  // namespace understudy::control
