// Where wsgid.yaml is when nobody says otherwise. A file of its own: most commands need no more of the configuration than that.

export const defaultConfigFile = '/etc/wsgid/wsgid.yaml'
