-- The histories of all servers, as they are, after the time of now.
local all = { tostring(now_ms()) }
for _, id in ipairs(redis.call('SMEMBERS', key('servers'))) do
  local history = redis.call('GET', key('ext:history:' .. id))
  if history then
    all[#all + 1] = id
    all[#all + 1] = history
  end
end
return all
