-- Records the version of a server that is still there.
local id, version = arg(), arg()
if redis.call('EXISTS', key('server:' .. id)) == 1 then
  redis.call('HSET', key('server:' .. id), 'bbb_version', version)
end
return 1
