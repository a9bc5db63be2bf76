# frozen_string_literal: true

require 'digest'
require 'fileutils'

module Scalelite
  # The ways to Scalelite's spool. Each sends a tar so that it is there as a whole or not at all, and raises Error (or a
  # system call's) if it is not.
  module Carriers
    def self.for(settings)
      case settings.transfer
      when 'upload' then Upload.new(settings)
      when 'rsync' then Rsync.new(settings)
      else Copy.new(settings)
      end
    end

    # Into a directory that is shared with Scalelite.
    class Copy
      def initialize(settings)
        @spool = settings.spool_dir
      end

      def send_file(path, **)
        # Not made here: a directory that is missing is a file system that is not mounted.
        raise Error, "#{@spool} is not there: is it mounted?" unless File.directory?(@spool)

        name = File.basename(path)
        part = File.join(@spool, ".#{name}.part")
        FileUtils.copy_file(path, part)
        File.open(part, &:fsync)
        if Digest::SHA256.file(part) != Digest::SHA256.file(path)
          File.delete(part)
          raise Error, "#{name} does not arrive in #{@spool} as it was"
        end
        File.rename(part, File.join(@spool, name))
        File.open(@spool, &:fsync)
      end
    end

    # With rsync: over SSH, to a daemon, or into a directory. It checks the hash itself, and goes on where it was cut off.
    class Rsync
      def initialize(settings)
        @settings = settings
      end

      def send_file(path, **)
        command = ['rsync', '--protect-args', '--partial-dir=.rsync-partial', '--timeout=120',
                   *@settings.extra_rsync_opts, path, "#{@settings.spool_dir.chomp('/')}/"]
        sent = system(*command)
        raise Error, 'rsync is not installed' if sent.nil?
        raise Error, "rsync to #{@settings.spool_dir} failed" unless sent
      end
    end
  end
end
