#include <understudy/base/fault.h>

namespace understudy::base {

std::string Fault::to_string() const {
    std::string text = file;
    if (line != 0) {
        text += ':' + std::to_string(line);
        if (column != 0) {
            text += ':' + std::to_string(column);
        }
    }
    return text.empty() ? message : text + ": " + message;
}

}  // namespace understudy::base
