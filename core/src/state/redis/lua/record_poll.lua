-- Records what a poll found; the operator's state is the one of now, not that of the poll's beginning.
local id, online, healthy, unhealthy, load, added_before = arg(), arg(), arg(), arg(), arg(), arg()
local numbers = list_arg()
local server = route(id)
if not server then
  return 'gone'
end
local server_key = key('server:' .. id)
redis.call('HSET', server_key, 'online', online)
redis.call('HSET', key(id), 'healthy_counter', healthy, 'unhealthy_counter', unhealthy)
if #numbers > 0 then
  redis.call('HSET', server_key, unpack(numbers))
  remember(id, online == 'true' and load or 0, numbers[2], numbers[4], numbers[8], online == 'true' and 0 or 1)
end
if online == 'false' then
  redis.call('ZREM', key('server_load'), id)
  redis.call('ZREM', key('cordoned_server_load'), id)
  return 'done'
end
if load == '' then
  return 'done'
end
local added = tonumber(redis.call('HGET', key('ext:load_added'), id) or 0) - tonumber(added_before)
local total = math.max(0, tonumber(load) + added)
if server.state == 'enabled' then
  redis.call('ZADD', key('server_load'), total, id)
elseif server.state == 'cordoned' then
  if total == 0 then
    redis.call('HSET', server_key, 'state', 'disabled')
    redis.call('ZREM', key('cordoned_server_load'), id)
    return 'drained'
  end
  redis.call('ZADD', key('cordoned_server_load'), total, id)
end
return 'done'
