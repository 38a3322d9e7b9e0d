/**
 * Preloaded where tests run (`node --import`): a worker of Jest that has nothing left to do ends without giving its memory
 * back piece by piece. For some 700 MB that takes longer than the half second which Jest waits on a busy machine before it
 * kills the worker and warns of tests that leave something open, though nothing is.
 */
process.once('beforeExit', () => process.exit());
