export { canonicalJson } from './canonical-json.js';
export { openCheckpoint, signCheckpoint, type Checkpoint } from './checkpoint.js';
export {
  formatEncodedEntry,
  formatEntry,
  formatStart,
  parseLine,
  type ExportStart,
  type LogEntry,
  type ReadEntry,
} from './entry.js';
export { MalformedError, unverified, UnverifiedError, type UnverifiedReason } from './errors.js';
export {
  formatVkey,
  parseVkey,
  signingKey,
  verifierKey,
  type SignatureType,
  type SigningKey,
  type VerifierKey,
} from './keys.js';
export {
  formatNote,
  formatSignatures,
  parseNote,
  parseSignatures,
  signNote,
  verifyNote,
  type Note,
  type NoteSignature,
  type VerifiedSignature,
} from './note.js';
export { isReached, noWitness, parsePolicy, witnessesOf, type Policy, type Quorum } from './policy.js';
export {
  formatProofFile,
  formatWitnessRequest,
  parseProofFile,
  parseWitnessRequest,
  verifyProofFile,
  type ProofFile,
  type WitnessRequest,
} from './proof-file.js';
export { encodeEvent, type SealedEvent } from './sealed-event.js';
export { bundledEntry, partialTiles, tilePath, TileTree, tileWidth, type TileAddress } from './tiles.js';
export { emptyRoot, hashChildren, hashLeaf, TreeState, type NodeAddress } from './tree.js';
export { formatTreeHead, logOrigin, parseTreeHead, tenantOfOrigin, type TreeHead } from './tree-head.js';
export {
  consistencyProof,
  inclusionProof,
  inclusionProofs,
  treeStateAt,
  verifyConsistency,
  verifyInclusion,
  type HashReader,
  type ProofSource,
} from './tree-proofs.js';
export {
  ExportVerification,
  faults,
  type ExportOptions,
  type ExportVerdict,
  type Fault,
  type FaultReason,
} from './verify-export.js';
