#include <understudy/net/packet_filter.h>

#include <pcap/pcap.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace understudy::net {

struct PacketFilter::Program {
    std::vector<bpf_insn> instructions;
};

namespace {

/// Code, two jumps, operand.
constexpr std::size_t kInstructionDigits = 4 + 2 + 2 + 8;

/// What a filter may look at: the longest frame.
constexpr int kSnapOctets = 65535;

/// Frees what libpcap gave.
struct CloseHandle {
    void operator()(pcap_t* handle) const noexcept { pcap_close(handle); }
};

template <typename Number>
bool parse_hex(std::string_view text, Number& number) {
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, /*base=*/16);
    return error == std::errc() && end == text.data() + text.size();
}

/// What libpcap's interpreter knows; at anything else it ends the process, and its own check lets
/// some of that pass.
constexpr auto kKnownCodes = std::to_array<std::uint16_t>({
    BPF_RET | BPF_K,
    BPF_RET | BPF_A,
    BPF_LD | BPF_W | BPF_ABS,
    BPF_LD | BPF_H | BPF_ABS,
    BPF_LD | BPF_B | BPF_ABS,
    BPF_LD | BPF_W | BPF_LEN,
    BPF_LDX | BPF_W | BPF_LEN,
    BPF_LD | BPF_W | BPF_IND,
    BPF_LD | BPF_H | BPF_IND,
    BPF_LD | BPF_B | BPF_IND,
    BPF_LDX | BPF_MSH | BPF_B,
    BPF_LD | BPF_IMM,
    BPF_LDX | BPF_IMM,
    BPF_LD | BPF_MEM,
    BPF_LDX | BPF_MEM,
    BPF_ST,
    BPF_STX,
    BPF_JMP | BPF_JA,
    BPF_JMP | BPF_JGT | BPF_K,
    BPF_JMP | BPF_JGE | BPF_K,
    BPF_JMP | BPF_JEQ | BPF_K,
    BPF_JMP | BPF_JSET | BPF_K,
    BPF_JMP | BPF_JGT | BPF_X,
    BPF_JMP | BPF_JGE | BPF_X,
    BPF_JMP | BPF_JEQ | BPF_X,
    BPF_JMP | BPF_JSET | BPF_X,
    BPF_ALU | BPF_ADD | BPF_X,
    BPF_ALU | BPF_SUB | BPF_X,
    BPF_ALU | BPF_MUL | BPF_X,
    BPF_ALU | BPF_DIV | BPF_X,
    BPF_ALU | BPF_MOD | BPF_X,
    BPF_ALU | BPF_AND | BPF_X,
    BPF_ALU | BPF_OR | BPF_X,
    BPF_ALU | BPF_XOR | BPF_X,
    BPF_ALU | BPF_LSH | BPF_X,
    BPF_ALU | BPF_RSH | BPF_X,
    BPF_ALU | BPF_ADD | BPF_K,
    BPF_ALU | BPF_SUB | BPF_K,
    BPF_ALU | BPF_MUL | BPF_K,
    BPF_ALU | BPF_DIV | BPF_K,
    BPF_ALU | BPF_MOD | BPF_K,
    BPF_ALU | BPF_AND | BPF_K,
    BPF_ALU | BPF_OR | BPF_K,
    BPF_ALU | BPF_XOR | BPF_K,
    BPF_ALU | BPF_LSH | BPF_K,
    BPF_ALU | BPF_RSH | BPF_K,
    BPF_ALU | BPF_NEG,
    BPF_MISC | BPF_TAX,
    BPF_MISC | BPF_TXA,
});

/// Every jump leads forward and into the program, every memory cell is there, the last instruction
/// returns; shifts stay within a word, whose result the language leaves open else.
bool is_safe(const std::vector<bpf_insn>& program) {
    constexpr std::uint32_t kWordBits = 32;
    const bool is_known = std::ranges::all_of(program, [](const bpf_insn& instruction) {
        const bool shifts = instruction.code == (BPF_ALU | BPF_LSH | BPF_K) ||
                            instruction.code == (BPF_ALU | BPF_RSH | BPF_K);
        return std::ranges::find(kKnownCodes, instruction.code) != kKnownCodes.end() &&
               (!shifts || instruction.k < kWordBits);
    });
    return is_known && bpf_validate(program.data(), static_cast<int>(program.size())) != 0;
}

void append_hex(std::string& text, std::uint32_t number, unsigned digits) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    while (digits-- > 0) {
        text += kDigits[(number >> (4 * digits)) & 0xFU];
    }
}

bool parse_instruction(std::string_view text, bpf_insn& instruction) {
    return parse_hex(text.substr(0, 4), instruction.code) &&
           parse_hex(text.substr(4, 2), instruction.jt) &&
           parse_hex(text.substr(6, 2), instruction.jf) &&
           parse_hex(text.substr(8, 8), instruction.k);
}

}  // namespace

base::Expected<PacketFilter> PacketFilter::compile(const std::string& expression) {
    if (expression.empty()) {
        return PacketFilter();
    }
    const std::unique_ptr<pcap_t, CloseHandle> handle(pcap_open_dead(DLT_EN10MB, kSnapOctets));
    bpf_program compiled{};
    if (handle == nullptr || pcap_compile(handle.get(),
                                          &compiled,
                                          expression.c_str(),
                                          /*optimize=*/1,
                                          PCAP_NETMASK_UNKNOWN) != 0) {
        return base::fail("filter '" + expression +
                          "': " + (handle ? pcap_geterr(handle.get()) : "no memory"));
    }
    auto program = std::make_shared<Program>();
    program->instructions.assign(compiled.bf_insns, compiled.bf_insns + compiled.bf_len);
    pcap_freecode(&compiled);
    if (program->instructions.size() > kMaxInstructions) {
        return base::fail("filter '" + expression + "' takes more than " +
                          std::to_string(kMaxInstructions) + " instructions: ask for less");
    }
    PacketFilter filter;
    filter.program_ = std::move(program);
    return filter;
}

base::Expected<PacketFilter> PacketFilter::from_text(std::string_view text) {
    PacketFilter filter;
    if (text.empty()) {
        return filter;
    }
    if (text.size() % kInstructionDigits != 0 ||
        text.size() > kMaxInstructions * kInstructionDigits) {
        return base::fail("a filter of the wrong length");
    }
    auto program = std::make_shared<Program>();
    for (; !text.empty(); text.remove_prefix(kInstructionDigits)) {
        bpf_insn& instruction = program->instructions.emplace_back();
        if (!parse_instruction(text, instruction)) {
            return base::fail("a filter that is no hexadecimal text");
        }
    }
    if (!is_safe(program->instructions)) {
        return base::fail("a filter that is no program, or might not end");
    }
    filter.program_ = std::move(program);
    return filter;
}

std::string PacketFilter::to_text() const {
    std::string text;
    if (program_ != nullptr) {
        for (const bpf_insn& instruction : program_->instructions) {
            append_hex(text, instruction.code, 4);
            append_hex(text, instruction.jt, 2);
            append_hex(text, instruction.jf, 2);
            append_hex(text, instruction.k, 8);
        }
    }
    return text;
}

bool PacketFilter::matches(base::Octets frame) const noexcept {
    const auto octets = static_cast<unsigned>(frame.size());
    return program_ == nullptr ||
           bpf_filter(program_->instructions.data(), frame.data(), octets, octets) != 0;
}

}  // namespace understudy::net
