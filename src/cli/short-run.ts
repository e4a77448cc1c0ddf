// Tells V8 that this process is not to run for long. To be imported before the code of a command that ends when it has read the configuration:
// optimizing, some 200 ms of processor time with 1,000 groups, pays off only where code runs again and again. It is put off, not switched off: what is
// really hot, with ten times as many groups, is optimized all the same. Never for what becomes the supervisor.
import { setFlagsFromString } from 'node:v8'

// Bytes of bytecode that a function runs through before it is optimized; V8's default is 66 KiB.
setFlagsFromString('--interrupt-budget=1000000')
