// Which groups there are, for commands that take the name of one: asked of the running server and read from the configuration. Either may be missing.
import { readConfiguration } from '../facts/read-configuration.ts'
import { ControlClient, ControlError } from '../control/client.ts'
import { controlSocketIn } from '../supervisor/run-dir.ts'

/** The names that the configuration has, as far as it can be read, and those that run; sorted, each once. */
export async function knownGroups(configFile: string, runDir: string): Promise<readonly string[]> {
  const [written, running] = await Promise.all([configuredGroups(configFile), runningGroups(runDir)])
  return [...new Set([...written, ...running])].sort()
}

async function configuredGroups(configFile: string): Promise<readonly string[]> {
  const { configuration } = await readConfiguration(configFile)
  return configuration?.groups.map(({ name }) => name) ?? []
}

/** None when nobody can be asked, for whatever reason. */
async function runningGroups(runDir: string): Promise<readonly string[]> {
  try {
    const { groups } = await new ControlClient(controlSocketIn(runDir)).status()
    return groups.map(({ name }) => name)
  } catch (error) {
    if (error instanceof ControlError) return []
    throw error
  }
}
