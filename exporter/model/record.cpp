#include "model/record.hpp"

namespace mxhealth {

RecordKey key_of(const Record& record) {
  struct Key {
    RecordKey operator()(const std::shared_ptr<const DomainRecord>& r) const { return r->key; }
    RecordKey operator()(const std::shared_ptr<const ServerRecord>& r) const { return r->key; }
    RecordKey operator()(const std::shared_ptr<const AddressRecord>& r) const { return r->key; }
    RecordKey operator()(const std::shared_ptr<const ResolverRecord>& r) const { return r->resolver; }
    RecordKey operator()(const std::shared_ptr<const EgressRecord>& r) const { return r->key; }
    RecordKey operator()(const std::shared_ptr<const ListingRecord>& r) const { return r->key; }
    RecordKey operator()(const std::shared_ptr<const SubjectRecord>& r) const { return r->key; }
    RecordKey operator()(const std::shared_ptr<const ListRecord>& r) const { return r->key; }
    RecordKey operator()(const std::shared_ptr<const PolicyRecord>& r) const { return r->key; }
    RecordKey operator()(const std::shared_ptr<const PtrRecord>& r) const { return r->key; }
  };
  return std::visit(Key{}, record);
}

}  // namespace mxhealth
