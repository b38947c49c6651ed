#include "config/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <map>
#include <optional>
#include <streambuf>
#include <utility>

namespace mxhealth::config {
namespace {

/// Thrown through the YAML library, which knows no other way to be stopped; never leaves this file.
struct Stop {
  Broken broken;
};

[[noreturn]] void stop(const YAML::Mark& mark, std::string message) {
  throw Stop{Broken{mark.line + 1, mark.column + 1, std::move(message)}};
}

class Builder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) stop(mark, "a second document; a file holds one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(make(Node::Kind::null, mark), anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    if (value.find('\0') != std::string::npos) stop(mark, "a NUL character");  // C libraries would see half the text
    Node node = make(Node::Kind::scalar, mark);
    node.plain = tag != "!";
    node.text = value;
    leaf(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(mark, "an alias inside its own anchor");
    count(mark.line + 1, mark.column + 1, found->second.nodes);
    Node node = found->second.node;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    attach(std::move(node));
  }

  Node take() { return std::move(root_); }

 private:
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::size_t nodes_before;
    std::optional<Node> key;
  };
  struct Anchored {
    Node node;
    std::size_t nodes;
  };

  void count(int line, int column, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > kMaxNodes) {
      throw Stop{Broken{line, column, "more than 250000 values, aliases counted as what they repeat"}};
    }
  }

  Node make(Node::Kind kind, const YAML::Mark& mark) {
    count(mark.line + 1, mark.column + 1, 1);
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") stop(mark, "a tag; none are known here");
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_tag(mark, tag);
    if (stack_.size() >= kMaxDepth) stop(mark, "nested more than 32 deep");
    stack_.push_back({make(kind, mark), anchor, nodes_ - 1, std::nullopt});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    if (done.anchor != 0) remember(done.anchor, done.node, nodes_ - done.nodes_before);
    attach(std::move(done.node));
  }

  void leaf(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) remember(anchor, node, 1);
    attach(std::move(node));
  }

  void remember(YAML::anchor_t anchor, const Node& node, std::size_t nodes) {
    count(node.line, node.column, nodes);  // the copy takes memory too
    anchors_[anchor] = {node, nodes};
  }

  void attach(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind == Node::Kind::map) {
      if (!parent.key) {
        parent.key = std::move(node);
        return;
      }
      take_key(node, std::move(*parent.key));
      parent.key.reset();
    }
    parent.node.children.push_back(std::move(node));
  }

  static void take_key(Node& node, Node key) {
    if (key.kind != Node::Kind::scalar) {
      throw Stop{Broken{key.line, key.column, "a key must be one word"}};
    }
    node.key = std::move(key.text);
    node.key_line = key.line;
    node.key_column = key.column;
    if (node.kind == Node::Kind::null) {  // a null carries the place of whatever comes next
      node.line = key.line;
      node.column = key.column;
    }
  }

  bool started_ = false;
  Node root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
};

/// Lets a stream read a text where it lies.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* start = const_cast<char*>(text.data());  // setg wants it; nothing here writes
    setg(start, start, start + text.size());
  }
};

}  // namespace

std::variant<Node, Broken> read_document(std::string_view text) {
  text = without_byte_order_mark(text);
  if (auto broken = check_text(text)) return *std::move(broken);
  TextBuffer buffer(text);
  std::istream stream(&buffer);
  Builder builder;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop& stopped) {
    return stopped.broken;
  } catch (const YAML::Exception& error) {
    return Broken{error.mark.line + 1, error.mark.column + 1, "not valid YAML: " + error.msg};
  }
  return builder.take();
}

}  // namespace mxhealth::config
