// Directives that are left out without a word: what they do, wsgid does in its own way, or it has no such thing to switch.
// docs/import-apache.md names the kinds.

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const silent = new Set([
  // How Apache runs, and how many processes and threads it has for it.
  ...words(`serverroot pidfile mutex coredumpdirectory scoreboardfile chrootdir defaultruntimedir startservers
    minsparethreads maxsparethreads minspareservers maxspareservers threadsperchild threadlimit threadstacksize serverlimit
    maxrequestworkers maxclients maxconnectionsperchild maxrequestsperchild asyncrequestworkerfactor listenbacklog
    maxmemfree gracefulshutdowntimeout acceptmutex extendedstatus seerequesttail enablemmap enablesendfile`),
  // How it logs.
  ...words('errorlog errorlogformat loglevel logformat hostnamelookups'),
  // How it speaks HTTP.
  ...words(`keepalive maxkeepaliverequests requestreadtimeout servertokens serversignature traceenable protocols
    protocolshonororder httpprotocoloptions usecanonicalname usecanonicalphysicalport namevirtualhost serveradmin`),
  // How it serves files, reads .htaccess, and permits what it would otherwise not.
  ...words(`options allowoverride allowoverridelist accessfilename order directoryindex directoryslash typesconfig addtype addcharset
    addencoding addlanguage removetype removeencoding removecharset removehandler defaulttype adddefaultcharset languagepriority forcelanguagepriority adddescription addicon
    addiconbyencoding addiconbytype defaulticon headername readmename indexignore indexoptions addoutputfilter
    addoutputfilterbytype filterdeclare filterprovider filterchain deflatecompressionlevel browsermatch browsermatchnocase`),
  // Of mod_wsgi: its sockets, and switches for what wsgid never does, or always.
  ...words(`wsgisocketprefix wsgisocketrotation wsgiacceptmutex wsgirestrictembedded wsgilazyinitialization
    wsgichunkedrequest wsgienablesendfile wsgicasesensitivity wsgiverbosedebugging`),
  // Of mod_ssl: how Apache's own processes share what they know.
  ...words('sslsessioncache sslsessioncachetimeout sslmutex sslrandomseed sslpassphrasedialog sslstaplingcache'),
])

/** @param name in lower case */
export const isHousekeeping = (name: string): boolean => silent.has(name)
