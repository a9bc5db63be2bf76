-- Adds a server, disabled and offline; 0 if the ID is taken.
local id, url, secret, tag, multiplier = arg(), arg(), arg(), arg(), arg()
if redis.call('SADD', key('servers'), id) == 0 then
  return 0
end
redis.call('HSET', key('server:' .. id), 'url', url, 'secret', secret, 'online', 'false',
  'load_multiplier', multiplier, 'state', 'disabled')
if tag ~= '' then
  redis.call('HSET', key('server:' .. id), 'tag', tag)
end
return 1
