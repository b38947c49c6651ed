#include "tls/trust_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tls/certificates.hpp"
#include "tls/judge_chain.hpp"

namespace mxhealth::tls {
namespace {

using namespace testing;

// A file of its own that goes with the test.
class File {
 public:
  explicit File(const std::string& text)
      : path_(::testing::TempDir() + "trust_store_" + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".pem") {
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string error_of(const std::string& path) {
  const auto loaded = TrustStore::load(path);
  const auto* error = std::get_if<TrustStore::Error>(&loaded);
  return error == nullptr ? "" : error->text;
}

TEST(trust_store, a_file_of_authorities_is_trusted) {
  const Issued first = authority("First");
  const Issued second = authority("Second");
  const File file("a comment\n" + pem(first) + pem(second));
  auto loaded = TrustStore::load(file.path());
  ASSERT_TRUE(std::holds_alternative<TrustStore>(loaded));
  const Issued leaf = issued_by(second, {});
  const auto facts = judge_chain(chain({&leaf}), {}, std::get<TrustStore>(loaded), kNow);
  EXPECT_EQ(facts.verdict, ChainVerdict::trusted);
}

TEST(trust_store, a_missing_file_is_named) {
  EXPECT_EQ(error_of("/nonexistent/ca.pem"), "cannot read the trust store /nonexistent/ca.pem");
}

TEST(trust_store, a_file_without_certificates_is_named) {
  const File empty("");
  EXPECT_NE(error_of(empty.path()).find("cannot load the trust store " + empty.path()), std::string::npos);
  const File rubbish("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_NE(error_of(rubbish.path()).find(rubbish.path()), std::string::npos);
  EXPECT_NE(error_of(::testing::TempDir()), "") << "a directory";
}

TEST(trust_store, trusting_nobody_trusts_nobody) {
  const Issued root = authority("Root");
  const Issued leaf = issued_by(root, {});
  EXPECT_EQ(judge_chain(chain({&leaf, &root}), {}, TrustStore::trusting_nobody(), kNow).verdict,
            ChainVerdict::untrusted);
}

}  // namespace
}  // namespace mxhealth::tls
