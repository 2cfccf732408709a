#pragma once

#include <understudy/base/octets.h>
#include <understudy/control/config.h>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// One exchange as dnspython 2.3 signs it: an AXFR query for example.com and an answer of four
/// messages, by the key "Transfer.Example." at kTime, with each algorithm. A reference that shares
/// no code with us.
namespace understudy::control::tsig_vectors {

using Message = std::vector<std::uint8_t>;

inline constexpr std::int64_t kTime = 1700000000;

[[nodiscard]] inline Message octets(std::string_view hex) {
    Message octets;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
        octets.push_back(
            static_cast<std::uint8_t>(std::stoul(std::string(hex.substr(at, 2)), nullptr, 16)));
    }
    return octets;
}

/// The secret is the octets 1 to 32.
[[nodiscard]] inline KeyConfig key(KeyConfig::Algorithm algorithm) {
    KeyConfig key{
        .name = wire::Name::from_text("Transfer.Example").value(),
        .algorithm = algorithm,
        .secret = {},
    };
    for (std::uint8_t octet = 1; octet <= 32; ++octet) {
        key.secret.push_back(octet);
    }
    return key;
}

/// Unsigned.
inline constexpr std::string_view kQuery =
    "123400000001000000000000076578616d706c6503636f6d0000fc0001";
inline constexpr std::array<std::string_view, 4> kAnswer = {
    "123484000001000100000000076578616d706c6503636f6d0000fc0001026830c00c0001"
    "00010000012c0004c0000200",
    "123484000000000100000000026831076578616d706c6503636f6d00000100010000012c"
    "0004c0000201",
    "123484000000000100000000026832076578616d706c6503636f6d00000100010000012c"
    "0004c0000202",
    "123484000000000100000000026833076578616d706c6503636f6d00000100010000012c"
    "0004c0000203",
};

/// The record's fields as a test wants them, right or wrong.
struct Record {
    std::string_view owner = "085472616e73666572074578616d706c6500";  // Transfer.Example.
    std::uint16_t klass = 255;
    std::uint32_t ttl_s = 0;
    std::string_view algorithm = "hmac-sha256.";
    std::int64_t time_s = kTime;
    std::uint16_t fudge_s = 300;
    Message mac = {};
    std::uint16_t original_id = 0x1234;
    std::uint16_t error = 0;
    Message other = {};
};

/// `message` with the record behind it, counted.
[[nodiscard]] inline Message with_record(Message message, const Record& record) {
    const auto put = [&message](std::uint64_t value, unsigned count) {
        while (count-- > 0) {
            message.push_back(static_cast<std::uint8_t>(value >> (8 * count)));
        }
    };
    const auto append = [&message](const Message& more) {
        message.insert(message.end(), more.begin(), more.end());
    };
    const wire::Name algorithm = wire::Name::from_text(record.algorithm).value();
    const base::Octets name = algorithm.view().octets();
    ++message[11];
    append(octets(record.owner));
    put(250, 2);
    put(record.klass, 2);
    put(record.ttl_s, 4);
    put(name.size() + 16 + record.mac.size() + record.other.size(), 2);
    append({name.begin(), name.end()});
    put(static_cast<std::uint64_t>(record.time_s), 6);
    put(record.fudge_s, 2);
    put(record.mac.size(), 2);
    append(record.mac);
    put(record.original_id, 2);
    put(record.error, 2);
    put(record.other.size(), 2);
    append(record.other);
    return message;
}

struct Vector {
    KeyConfig::Algorithm algorithm;
    std::string_view algorithm_name;
    std::string_view query_mac;
    std::array<std::string_view, 4> answer_macs;  // each message signed
    std::string_view gap_mac;  // of the last message when the two before it are not signed
};

inline constexpr std::array<Vector, 5> kVectors = {{
    {KeyConfig::Algorithm::kSha1,
     "hmac-sha1.",
     "60de39acb911aac752e125e7afdcd9345bc9f0ad",
     {"d346d989154bbf29d5225409036cf0e70d068111",
      "ed8b836872c414ba6e107f7c293c0d70824a244c",
      "07f133d2d8f26d0d50f08f4099aa8649f314aa2d",
      "adc6f6ec9bfc19966d566cd81f37fdfac9edafb1"},
     "ae65412ae2a20469a0464c5a393ab5197c62e1bf"},
    {KeyConfig::Algorithm::kSha224,
     "hmac-sha224.",
     "f2aa263e76ade5e69b5c2eb58947f36fa48706229ed6d639dafc08a3",
     {"0f076b8df3d34629cd6b07e20c27f0181827972cd53a0b7ea27ff5a2",
      "21b6bafb449c9eecec43f0a5c5d69751c7ca2c07f787b036fc30ed1f",
      "5715df290cc615d10aa3cf1efb16c970b7459c9e549b269e674861c5",
      "53b89bb75c056f9cd0d788e2b9e0558e7dddbe4507502cab31c9416c"},
     "b66e720c9acc767c58aa6339b05e9a5b52178256ebac35cfafff8838"},
    {KeyConfig::Algorithm::kSha256,
     "hmac-sha256.",
     "956886e8eb41f45ee4dc06360d9348056114ff9c64bd876e72935ea1ee1763a0",
     {"65e6caf1df90083bc69f772df8327ac04cb1a5ecd28bad637ce2ff4678ec0888",
      "c1cfcd40234060a0fdd928f769d0f178131b9aeed89ff89fcd04eaa0c8453ebd",
      "33d8ff4dec0380a9191beb7f81f1649c105138ed29ce820e29e3ed45b78176c1",
      "de7b5ffc1f8e08a76ede2e1ca620e917f867a8f9a7f6d57ab8ad466c4653a495"},
     "a379cc8200fc286073b44951f9f4527c8494adc1b7bbb85bb8c53ed3d5e4b4af"},
    {KeyConfig::Algorithm::kSha384,
     "hmac-sha384.",
     "664a8e8e497e9d3757cda17147383ad4766c032baa006e895ec6529ec0316ff0e76edea3"
     "ddfd8b87a3b000f34f442407",
     {"4defb5abbbb741ebd5a6c166950a1791d68d92f5f998d4fa21f6263ded6a0cc3935ee122"
      "80b91513c78a65046de736eb",
      "a0f0f0227321a37b68d7420020bbd95d23abda80f24bdf20919e19a6eef2d7ddeba957e5"
      "d1880712681b4360cca18f96",
      "4e872c4194170881fdcac3351529f53f1fcd24faa1fe5610903b01928d770d9bfce1e65f"
      "7f098490a7da0daef9492ee3",
      "2312bd4598d18d04bc33f2dbd5bcd6c44947c665412ab92b695397d76a09e3a125cc98be"
      "557bf618348e8ac4d0a6b859"},
     "c9c2456c074fb95a589f55383fa3caf2bb61f705dd5661db652309dadfa50ee0c5e152e2"
     "7cbb1637b263f5d3150c9167"},
    {KeyConfig::Algorithm::kSha512,
     "hmac-sha512.",
     "fcb7f81daf999cd50041ae25142e9931fab0c1aa5ea00bd0e177238c21b3f388008dbc7f"
     "3f51f7bb4413b9e3b5ca3749a4ac29a08e39a032aa011e47e0b3444e",
     {"9e8cd7338abffd944b60de56cc4ff678b3c77f2fca0e504af7ef83f4025c5953a6aa78c4"
      "976815404cd8f2a38cdc92dd679f363488d1d3f1ed2dc037c8872926",
      "04387dcd1544c9c128fcb2f201075c5ef771e93981260f4d5b5218be9095d9a766b14a24"
      "636b9a2cdc636fba3be33d1965e4ce62b4ae63b6808d7c3e258b1162",
      "9c67ab1eb24d68adc438368603a588b9f5b3c07a990a73481f3d9f5666088ef1ad2948d7"
      "1139585bf044e5a9fa7c6c3416481caba97e13bae85e04caba087b26",
      "13131cfe0553c987be5fcbfefc4bef7884f21e8ba5c0622b552cc69997e9910cfcfb3cb8"
      "c34687672a3587edbf2beb366afe58f8f4f98e57b94e8f277d558b7d"},
     "58b6895827843014f4327849f8584e525833de38437e2316a7fe6a71c479e0ae34f6b5c4"
     "77307dd14fd424e11cbe5ec09afcd0877888efbcfdaee0f99b409f31"},
}};

/// With hmac-sha256, whole messages:
inline constexpr std::string_view kSignedQuery =
    "123400000001000000000001076578616d706c6503636f6d0000fc0001085472616e7366"
    "6572074578616d706c650000fa00ff00000000003d0b686d61632d736861323536000000"
    "6553f100012c0020956886e8eb41f45ee4dc06360d9348056114ff9c64bd876e72935ea1"
    "ee1763a0123400000000";
/// The query's code cut to 16 octets, then the first message that answers it.
inline constexpr std::string_view kAnswerToTruncated =
    "123484000001000100000001076578616d706c6503636f6d0000fc0001026830c00c0001"
    "00010000012c0004c0000200085472616e73666572074578616d706c650000fa00ff0000"
    "0000003d0b686d61632d7368613235360000006553f100012c0020a8098ba64cc3699b1e"
    "1d0c531e46afaa02e14d19112c7ec4231ed7c4b517e656123400000000";
/// A server whose clock is 1,000 seconds ahead refuses the query.
inline constexpr std::string_view kBadTimePlain =
    "123480090001000000000000076578616d706c6503636f6d0000fc0001";
inline constexpr std::string_view kBadTimeSigned =
    "123480090001000000000001076578616d706c6503636f6d0000fc0001085472616e7366"
    "6572074578616d706c650000fa00ff0000000000430b686d61632d736861323536000000"
    "6553f100012c00206f50b05e0ff532c301646b799697f83b054d41fb4f39ccd4bbe364f4"
    "98e7aa5712340012000600006553f4e8";
/// Signed when 32 bits no longer hold the time.
inline constexpr std::int64_t kLateTime = 0x123456789ABC;
inline constexpr std::string_view kLateQuery =
    "123400000001000000000001076578616d706c6503636f6d0000fc0001085472616e7366"
    "6572074578616d706c650000fa00ff00000000003d0b686d61632d736861323536001234"
    "56789abc012c0020cdb33a086e0c9682e44a782b2939efa75c77ac0f6ae2bceec78cb534"
    "633d600a123400000000";

}  // namespace understudy::control::tsig_vectors
