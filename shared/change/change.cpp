#include "shared/change/change.h"

#include <algorithm>
#include <limits>
#include <string>
#include <type_traits>

#include "shared/base/planted.h"
#include "shared/change/cbor.h"

namespace godwit {

namespace {

// Layout of a body: an array of eleven items, in this order (spec: change-format §4).
constexpr std::size_t body_items = 11;
constexpr std::size_t operation_items = 4;
constexpr std::size_t citation_items = 3;
constexpr std::size_t dot_bytes_min = 19;
/// A value stands within the body, its operations and one of them: depth counts from the body.
constexpr int value_depth = 3;

Error malformed(std::string detail) {
    return {ErrorCode::malformed, std::move(detail)};
}

Error malformed(std::size_t index, std::string_view what) {
    return malformed("operation " + std::to_string(index + 1) + ": " + std::string(what));
}

bool is_known(OperationKind kind) {
    return kind >= OperationKind::set && kind <= OperationKind::settle;
}

bool is_known(Role role) {
    return role >= Role::worker && role <= Role::advocate;
}

bool is_in_bounds(const Dot& dot) {
    return dot.sequence >= 1 && dot.sequence <= sequence_max;
}

/// True when `value` is an array of one item or more. It is one whole item, or empty.
bool is_filled_array(ByteView value) {
    cbor::Decoder in(value);
    const auto count = in.array();
    return count && *count > 0;
}

bool is_byte_string(ByteView value) {
    const auto kind = cbor::Decoder(value).peek();
    return kind && *kind == cbor::Kind::bytes;
}

Result<void> check_removal(const Operation& operation, std::size_t index) {
    if (operation.form != Form::open) return malformed(index, "a removal that is not open");
    if (!operation.value.empty()) return malformed(index, "a removal with a value");
    if (operation.removed.empty()) return malformed(index, "a removal of nothing");
    for (std::size_t dot = 0; dot < operation.removed.size(); ++dot) {
        if (!is_in_bounds(operation.removed[dot])) {
            return malformed(index, "a sequence out of bounds");
        }
        if (dot > 0 && !(operation.removed[dot - 1] < operation.removed[dot])) {
            return malformed(index, "removed dots out of order");
        }
    }
    return ok();
}

Result<void> check_operation(const Operation& operation, std::size_t index) {
    const bool is_of_record = operation.field == 0;
    if (operation.kind == OperationKind::erase) {
        if (!is_of_record) return malformed(index, "an erasure of a field");
        if (operation.form != Form::open || !operation.value.empty()) {
            return malformed(index, "an erasure with a value");
        }
    } else if (is_of_record && is_known(operation.kind)) {
        return malformed(index, "field 0 is the record itself");
    }
    if (operation.kind == OperationKind::remove) return check_removal(operation, index);
    if (!operation.removed.empty()) return malformed(index, "dots where none belong");
    if (operation.kind == OperationKind::erase) return ok();

    if (operation.value.empty()) return malformed(index, "no value");
    if (operation.form == Form::sealed && !is_byte_string(operation.value)) {
        return malformed(index, "a sealed value that is no byte string");
    }
    if (operation.kind == OperationKind::settle && operation.form == Form::open &&
        !is_filled_array(operation.value)) {
        return malformed(index, "values settled for that are no array");
    }
    return ok();
}

bool has_double(std::vector<std::uint32_t>& fields) {
    std::sort(fields.begin(), fields.end());
    return std::adjacent_find(fields.begin(), fields.end()) != fields.end();
}

/// One dot gains at most one sibling a field: else merging could not tell the two apart.
Result<void> check_operations(const std::vector<Operation>& operations) {
    if (operations.empty()) return malformed("no operations");
    if (operations.size() > operations_max) return malformed("too many operations");
    std::vector<std::uint32_t> gaining;
    std::vector<std::uint32_t> removing;
    for (std::size_t index = 0; index < operations.size(); ++index) {
        const Operation& operation = operations[index];
        TRY(check_operation(operation, index));
        if (operation.kind == OperationKind::erase && operations.size() > 1) {
            return malformed(index, "an erasure beside other operations");
        }
        if (operation.kind == OperationKind::remove) removing.push_back(operation.field);
        if (gains_sibling(operation.kind)) gaining.push_back(operation.field);
    }
    if (has_double(gaining)) return malformed("two values for one field");
    if (has_double(removing)) return malformed("two removals from one field");
    return ok();
}

/// All but what only the encoded values themselves can tell.
Result<void> check_shape(const Change& change) {
    if (!is_in_bounds({{}, change.sequence})) return malformed("a sequence out of bounds");
    if (change.time.wall_ms < -wall_ms_max || change.time.wall_ms > wall_ms_max) {
        return malformed("a wall time out of bounds");
    }
    if (!is_known(change.role)) return malformed("a role that is none");
    for (const Context::Entry& entry : change.context.entries()) {
        if (entry.through > sequence_max) return malformed("a context out of bounds");
    }
    if (change.cites && !is_in_bounds(change.cites->dot)) {
        return malformed("a citation out of bounds");
    }
    return check_operations(change.operations);
}

Result<void> check_size(ByteView body) {
    if (body.size() <= change_bytes_max) return ok();
    return Error{ErrorCode::too_large, "a change of " + std::to_string(body.size()) +
                                           " bytes; at most " + std::to_string(change_bytes_max)};
}

void encode(cbor::Encoder& out, const Operation& operation) {
    out.array(operation_items)
        .unsigned_integer(operation.field)
        .unsigned_integer(static_cast<std::uint64_t>(operation.kind))
        .unsigned_integer(static_cast<std::uint64_t>(operation.form));
    if (operation.kind == OperationKind::erase) {
        out.null();
    } else if (operation.kind == OperationKind::remove) {
        out.array(operation.removed.size());
        for (const Dot& dot : operation.removed) encode(out, dot);
    } else {
        out.raw(operation.value);
    }
}

/// An unsigned integer that fits `Number`, or malformed.
template <typename Number>
Result<Number> narrow(cbor::Decoder& in) {
    const std::size_t start = in.offset();
    const std::uint64_t number = TRY(in.unsigned_integer());
    if (number > std::numeric_limits<Number>::max()) {
        return malformed("a number too large at byte " + std::to_string(start));
    }
    return static_cast<Number>(number);
}

/// As above, for an enum whose numbers this build may not know.
template <typename Enum>
Result<Enum> numbered(cbor::Decoder& in) {
    return static_cast<Enum>(TRY(narrow<std::underlying_type_t<Enum>>(in)));
}

Result<Operation> decode_operation(cbor::Decoder& in) {
    TRY(in.array_of(operation_items));
    Operation operation;
    operation.field = TRY(narrow<std::uint32_t>(in));
    operation.kind = TRY(numbered<OperationKind>(in));
    operation.form = TRY(numbered<Form>(in));
    if (operation.kind == OperationKind::erase) {
        TRY(in.null());
    } else if (operation.kind == OperationKind::remove) {
        const std::size_t count = TRY(in.array());
        operation.removed.reserve(std::min(count, in.left() / dot_bytes_min));
        for (std::size_t left = count; left > 0; --left) {
            operation.removed.push_back(TRY(decode_dot(in)));
        }
    } else {
        operation.value = copy_of(TRY(in.item(value_depth)));
    }
    return operation;
}

Result<std::optional<Citation>> decode_citation(cbor::Decoder& in) {
    if (TRY(in.try_null())) return std::optional<Citation>{};
    TRY(in.array_of(citation_items));
    Citation citation;
    citation.dot.log = TRY(in.id<LogId>());
    citation.dot.sequence = TRY(in.unsigned_integer());
    citation.digest = TRY(in.fixed<32>());
    return std::optional<Citation>{citation};
}

Result<Change> decode_items(cbor::Decoder& in) {
    TRY(in.array_of(body_items));
    Change change;
    change.sequence = TRY(in.unsigned_integer());
    TRY(in.array_of(2));
    change.time.wall_ms = TRY(in.integer());
    change.time.tick = TRY(narrow<std::uint32_t>(in));
    change.role = TRY(numbered<Role>(in));
    change.schema_version = TRY(narrow<std::uint32_t>(in));
    change.record_type = TRY(narrow<std::uint32_t>(in));
    change.record = TRY(in.id<RecordId>());
    change.team = TRY(in.id<TeamId>());
    change.context = TRY(decode_context(in));
    for (std::size_t left = TRY(in.array()); left > 0; --left) {
        if (change.operations.size() == operations_max) return malformed("too many operations");
        change.operations.push_back(TRY(decode_operation(in)));
    }
    change.salt = TRY(in.fixed<16>());
    change.cites = TRY(decode_citation(in));
    return change;
}

}  // namespace

bool gains_sibling(OperationKind kind) {
    return kind != OperationKind::remove && kind != OperationKind::erase;
}

bool is_erasing(const Change& change) {
    return std::any_of(change.operations.begin(), change.operations.end(),
                       [](const auto& each) { return each.kind == OperationKind::erase; });
}

bool says_sealed(const Change& change) {
    return std::any_of(change.operations.begin(), change.operations.end(),
                       [](const auto& each) { return each.form == Form::sealed; });
}

Result<void> check_change(const Change& change) {
    TRY(check_shape(change));
    for (const Operation& operation : change.operations) {
        if (gains_sibling(operation.kind)) TRY(cbor::check(operation.value));
    }
    const Bytes body = encode_change(change);
    TRY(check_size(body));
    return cbor::check(body);  // Depth counts from the body.
}

Bytes encode_change(const Change& change) {
    Bytes body;
    cbor::Encoder out(body);
    out.array(body_items).unsigned_integer(change.sequence);
    out.array(2).integer(change.time.wall_ms).unsigned_integer(change.time.tick);
    out.unsigned_integer(static_cast<std::uint64_t>(change.role))
        .unsigned_integer(change.schema_version)
        .unsigned_integer(change.record_type)
        .id(change.record)
        .id(change.team);
    encode(out, change.context);
    out.array(change.operations.size());
    for (const Operation& operation : change.operations) encode(out, operation);
    out.bytes(change.salt);
    if (change.cites) {
        out.array(citation_items)
            .id(change.cites->dot.log)
            .unsigned_integer(change.cites->dot.sequence)
            .bytes(change.cites->digest);
    } else {
        out.null();
    }
    return body;
}

Result<Change> decode_change(ByteView body) {
    TRY(check_size(body));
    cbor::Decoder in(body);
    Change change = TRY(decode_items(in));
    TRY(in.finish());
    TRY(check_shape(change));
    return change;
}

Context seen_by(const Change& change, const LogId& log) {
    Context seen = change.context;
    if (!change.cites && !is_planted(PlantedBug::own_log_unseen))
        seen.add({log, change.sequence - 1});
    return seen;
}

Change reissue(const Change& change, const LogId& from, Sequence from_through,
               const Digest& body_digest) {
    Change again = change;
    again.context = seen_by(change, from);
    if (!is_planted(PlantedBug::reissue_claims_branch)) again.context.cap(from, from_through);
    if (!change.cites) again.cites = Citation{{from, change.sequence}, body_digest};
    return again;
}

}  // namespace godwit
