// One more attempt for an end-to-end test that failed: on a busy machine a process may get its turn seconds late. What made the first one fail is
// printed, and scripts/test names the tests that needed the second. A lost request is no such thing: see conclusively() in test.ts. At once, since
// later tests of the file may end the server that they share.
import { jest } from '@jest/globals'

jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true })
