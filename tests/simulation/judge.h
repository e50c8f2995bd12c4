/// The oracles: what must hold once everybody has met the server and nothing moves any more. Each
/// objects at most once; the first that does ends the run.
#pragma once

#include "tests/simulation/world.h"

namespace godwit::simulation {

/// Stores verify.
void judge_stores(World& world);
/// Every replica holds what the server holds for it, byte for byte, and that is what the model of
/// sight says; and nothing waits.
void judge_convergence(World& world, const Evidence& evidence);
/// What was received is held, with the bytes it came with; of erased records nothing is.
void judge_evidence(World& world, const Evidence& evidence);
/// States are what the changes add up to, by a model that knows no states; times are what receipts
/// and clocks allow.
void judge_states(World& world, const Evidence& evidence);
/// Nothing is parked that nothing in the world accounts for.
void judge_parked(World& world, const Evidence& evidence);
/// Every value that was ever called saved stands, or is parked, or was taken away by somebody who
/// had seen it; what was taken away is gone; nothing is there that nobody said.
void judge_words(World& world, const Evidence& evidence);
/// What stands is shown, as the conflict rules have it, to those who may see it.
void judge_shown(World& world, const Evidence& evidence);
/// Whoever may read can: every sealed value opens with the recovery key.
void judge_keys(World& world, const Evidence& evidence);
/// What administrators were told is said is in the roster.
void judge_roster(World& world);

std::string brief(const Dot& dot);
std::string brief(const RecordId& record);

}  // namespace godwit::simulation
