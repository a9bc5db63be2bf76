-- Changes a server; 0 if there is none. The fields come as pairs; an empty tag takes it away.
local id, state, fields = arg(), arg(), list_arg()
local server = route(id)
if not server then
  return 0
end
local server_key = key('server:' .. id)
for i = 1, #fields, 2 do
  if fields[i] == 'tag' and fields[i + 1] == '' then
    redis.call('HDEL', server_key, 'tag')
  else
    redis.call('HSET', server_key, fields[i], fields[i + 1])
  end
end
if state == '' then
  return 1
end
local load = redis.call('ZSCORE', key('server_load'), id) or redis.call('ZSCORE', key('cordoned_server_load'), id)
redis.call('HSET', server_key, 'state', state)
redis.call('ZREM', key('server_load'), id)
redis.call('ZREM', key('cordoned_server_load'), id)
redis.call('SREM', key('server_enabled'), id)
if state == 'enabled' then
  redis.call('SADD', key('server_enabled'), id)
  if load then
    redis.call('ZADD', key('server_load'), load, id)
  end
elseif state == 'cordoned' and load then
  redis.call('ZADD', key('cordoned_server_load'), load, id)
end
return 1
