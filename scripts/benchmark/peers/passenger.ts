// Passenger inside of Apache, as Debian packages it.
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startApache } from '../../servers/apache.ts'
import type { Start } from '../rows.ts'
import { makePlace, shape, workerAccount } from '../workspace.ts'
import { apacheServer } from './apache.ts'

/** Starts Apache with Passenger; its free edition serves one request at a time in each Python process, whatever it is told. */
export const startPassenger: Start = async ({ workspace, site, signal }) => {
  const place = await makePlace(workspace, 'passenger')
  await mkdir(join(place, 'public'))
  await copyFile(site.script, join(place, 'passenger_wsgi.py'))
  const lines = `${apacheServer}${passenger(place)}`
  return startApache({ place, account: workerAccount, lines, expectedBody: site.ready, signal })
}

const passenger = (place: string): string => `
LoadModule passenger_module /usr/lib/apache2/modules/mod_passenger.so
PassengerRoot /usr/lib/ruby/vendor_ruby/phusion_passenger/locations.ini
PassengerPython /usr/bin/python3
PassengerDisableSecurityUpdateCheck on
PassengerUser ${workerAccount}
PassengerGroup ${workerAccount}
PassengerInstanceRegistryDir ${place}
PassengerMaxPoolSize ${shape.processes}
PassengerMinInstances ${shape.processes}
PassengerMaxRequestQueueSize 1000
PassengerEnabled on
PassengerAppRoot ${place}
DocumentRoot ${place}/public
<Directory ${place}/public>
  Require all granted
</Directory>
`
