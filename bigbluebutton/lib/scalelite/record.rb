# frozen_string_literal: true

require 'fileutils'

module Scalelite
  # A recording on this server.
  class Record
    ID = /\A[0-9A-Za-z][0-9A-Za-z-]*\z/.freeze
    FORMAT = /\A[0-9A-Za-z][0-9A-Za-z_-]*\z/.freeze
    # A format without a note of BigBlueButton's is taken to be whole when it is this old, in seconds.
    AGE = 3600

    # The IDs of all recordings, the oldest first.
    def self.all(settings)
      files = [settings.published_dir, settings.unpublished_dir].flat_map do |dir|
        Dir.glob(File.join(dir, '*', '*', 'metadata.xml'))
      end
      ids = files.map { |file| File.basename(File.dirname(file)) }.uniq.grep(ID)
      ids.sort_by { |id| [id[/\d+\z/].to_i, id] }
    end

    def initialize(settings, id)
      raise Error, "#{id.inspect} is no recording's ID" unless ID.match?(id)

      @settings = settings
      @id = id
    end

    # Packs a format, or all that are published, into the outbox. Gives the tar's name; nil if there is nothing.
    def pack(outbox, format = nil)
      raise Error, "#{format.inspect} is no format" unless format.nil? || FORMAT.match?(format)

      trees = trees(format)
      if trees.empty?
        Scalelite.log("#{@id}: nothing of it is published#{" as #{format}" if format}")
        return nil
      end
      name = "#{[@id, format].compact.join('-').tr('_', '-')}.tar"
      outbox.put(name) { |path| tar(path, trees) }
      Scalelite.log("#{@id}: packed #{trees.map { |_, tree| File.dirname(tree) }.join(', ')}")
      name
    end

    private

    # Pairs of a directory and what is to be packed below it.
    def trees(format)
      dirs = [@settings.published_dir, @settings.unpublished_dir].uniq
      found = dirs.flat_map do |dir|
        Dir.glob(File.join(dir, '*', @id, 'metadata.xml')).sort.map do |file|
          [dir, File.join(File.basename(File.dirname(File.dirname(file))), @id), file]
        end
      end
      found = found.select { |_, tree, file| format ? File.dirname(tree) == format : whole?(tree, file) }
      found.uniq { |_, tree, _| tree }.map { |dir, tree, _| [dir, tree] }
    end

    def whole?(tree, metadata)
      note = File.join(@settings.status_dir, "#{@id}-#{File.dirname(tree)}.done")
      File.file?(note) || File.mtime(metadata) < Time.now - AGE
    end

    # The same files give the same tar, so that what was sent before is known again.
    def tar(path, trees)
      command = %W[tar --create --file=#{path} --sort=name --owner=0 --group=0 --numeric-owner]
      trees.each { |dir, tree| command.push('-C', dir, tree) }
      system(*command) || raise(Error, "#{@id}: it cannot be packed (tar failed)")
    end
  end
end
