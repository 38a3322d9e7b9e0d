export { encodeEvent, genesisHash, link, type ChainedEvent, type ChainEntry } from './chain.js';
export {
  encodeCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
  type Checkpoint,
  type SignedCheckpoint,
} from './checkpoint.js';
export {
  startVerification,
  verifyChain,
  type BadReason,
  type ChainVerdict,
  type ChainVerification,
  type FirstBad,
  type VerificationOptions,
} from './verify-chain.js';
