// Tells V8 that this process is not to run for long. To be imported before the code of a command that ends when it has read the configuration:
// optimizing, a tenth of its processor time with 1,000 groups, pays off only where code runs again and again. Never for what becomes the supervisor.
import { setFlagsFromString } from 'node:v8'

// To put it off would gain as much again, but V8 has no flag for that which Node 20, 22 and 24 all know: one that is unknown is printed as an error.
setFlagsFromString('--no-opt')
