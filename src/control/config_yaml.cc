#include "control/config_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>
#include <sstream>
#include <utility>

namespace understudy::control {
namespace {

YamlPlace place_of(const YAML::Mark& mark) noexcept {
    if (mark.is_null()) {
        return {};
    }
    return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

/// Builds the tree out of yaml-cpp's events. What is not read here is thrown as yaml-cpp's own
/// exceptions are, and caught with them.
class TreeBuilder final : public YAML::EventHandler {
  public:
    [[nodiscard]] YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        add({YamlNode::Kind::kNothing, place_of(mark), {}, {}});
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
    }

    void OnScalar(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        add({YamlNode::Kind::kText, place_of(mark), value, {}});
    }

    void OnSequenceStart(const YAML::Mark& mark,
                         const std::string& tag,
                         YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::kList, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark,
                    const std::string& tag,
                    YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::kMap, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

  private:
    static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != 0) {
            throw YAML::ParserException(mark,
                                        "anchors and aliases are not read here, use templates");
        }
    }

    static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        // "?" is a plain node, "!" a quoted one.
        if (!tag.empty() && tag != "?" && tag != "!") {
            throw YAML::ParserException(mark, "tags are not read here");
        }
    }

    void open(YamlNode::Kind kind,
              const YAML::Mark& mark,
              const std::string& tag,
              YAML::anchor_t anchor) {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        open_.push_back({kind, place_of(mark), {}, {}});
    }

    void close() {
        YamlNode node = std::move(open_.back());
        open_.pop_back();
        add(std::move(node));
    }

    void add(YamlNode node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        YamlNode& parent = open_.back();
        const bool is_value = parent.kind == YamlNode::Kind::kMap && parent.items.size() % 2 == 1;
        if (is_value && node.kind == YamlNode::Kind::kNothing) {
            node.place = parent.items.back().place;  // yaml-cpp's is that of what follows
        }
        parent.items.push_back(std::move(node));
    }

    YamlNode root_;
    std::vector<YamlNode> open_;  // lists and maps whose end is still to come, outermost first
};

}  // namespace

std::variant<YamlNode, YamlFault> parse_yaml(const std::string& text) {
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        TreeBuilder tree;
        TreeBuilder second;
        parser.HandleNextDocument(tree);
        if (parser.HandleNextDocument(second)) {
            return YamlFault{second.take().place, "only one YAML document is read"};
        }
        return tree.take();
    } catch (const YAML::Exception& error) {
        return YamlFault{place_of(error.mark), error.msg};
    } catch (const std::exception& error) {
        return YamlFault{{}, std::string("not readable as YAML: ") + error.what()};
    }
}

}  // namespace understudy::control
