/// Values of fields: the first byte is a record type's number, the next two a field's, the rest is
/// the item.
#include "shared/change/field_value.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const godwit::RecordType* type = godwit::record_type(std::uint32_t{data[0]});
    if (type == nullptr) return 0;
    const godwit::FieldSpec* field = type->field(std::uint32_t{data[1] * 256U + data[2]});
    if (field == nullptr) return 0;
    const godwit::ByteView item(data + 3, size - 3);
    const bool is_value = static_cast<bool>(godwit::check_value(*field, item));
    // No value suits a field that is no item of the profile.
    if (is_value) GODWIT_ASSERT(godwit::cbor::check(item));
    static_cast<void>(godwit::is_date(godwit::text_of(item)));
    static_cast<void>(godwit::is_money(godwit::text_of(item)));
    return 0;
}
